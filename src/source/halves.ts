import { TooLarge } from '../bucket/bucket.ts'
import { ceilTo, type Range } from '../time/range.ts'
import { UserError } from '../util/errors.ts'

/** Reads a whole, or where that is {@link TooLarge} its halves, and theirs: what was read of it before comes again. */
export async function* inHalves<Whole, Part>(
  whole: Whole,
  read: (whole: Whole) => AsyncIterable<Part>,
  halvesOf: (whole: Whole) => readonly Whole[] | undefined,
): AsyncGenerator<Part> {
  try {
    yield* read(whole)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    const halves = halvesOf(whole)
    if (!halves)
      throw new UserError(`${error.message}, and nothing is left to split`, { hint: error.hint, cause: error })
    for (const half of halves) yield* inHalves(half, read, halvesOf)
  }
}

/** Two ranges that meet at a multiple of `step`, which a range of one step does not have. */
export function halvesOfRange({ start, end }: Range, step: number): [Range, Range] | undefined {
  const middle = ceilTo((start + end) / 2, step)
  if (middle >= end) return undefined
  return [
    { start, end: middle },
    { start: middle, end },
  ]
}

/** Two lists, of a list that has as many items. */
export function halvesOfList<T>(list: readonly T[]): [T[], T[]] | undefined {
  const middle = Math.ceil(list.length / 2)
  return list.length < 2 ? undefined : [list.slice(0, middle), list.slice(middle)]
}
