import { chunkOf, full } from '../../time/granularity.ts'
import { covers, floorTo, hull, overlaps, type Range, split, union } from '../../time/range.ts'
import { type Held, isHeld } from '../held.ts'
import type { Ledger } from '../ledger.ts'

export interface TodoOptions {
  /** A digest of what feeds the source today. */
  readonly inputs: string
  /** What is done in it is to be read again. */
  readonly refresh?: Range
}

/** The parts of a range that are to be read: not done, done with other inputs, with their file gone, or begun again. A done span is taken whole. */
export async function findTodo(held: Held, range: Range, { inputs, refresh }: TodoOptions): Promise<Range[]> {
  const again: Range[] = []
  const { ledger } = held
  for (const span of ledger.done(full, range)) {
    const isRefreshed = refresh !== undefined && overlaps(span, refresh)
    const isChanged = span.inputs !== inputs || ledger.isBegun(full, span)
    if (isRefreshed || isChanged || !(await isHeld(held, full, span))) again.push(span)
  }
  return union([...ledger.missing(full, range), ...again])
}

/** Whether a part of a range is done with these inputs, its file there, and not begun again. */
export async function isDone(held: Held, range: Range, inputs: string): Promise<boolean> {
  if (held.ledger.isBegun(full, range)) return false
  const span = held.ledger.done(full, range).find((done) => covers(done, range) && done.inputs === inputs)
  return span !== undefined && isHeld(held, full, span)
}

/** The hours of which a job has done any part, in time order. */
export const doneHours = (ledger: Ledger): Range[] => ledger.chunks(full).map((start) => chunkOf(full, start))

export interface CutOptions {
  /** The longest that one call should ask for, in ms. */
  readonly span?: number
  readonly order: 'oldest-first' | 'newest-first'
  /** See `Source`. */
  readonly once?: boolean
}

/**
 * Cuts what is to do into stretches that are read in one call each: at a grid of whole chunks, which no done span crosses. A source that
 * is read once has one that covers all.
 */
export function cutIntoStretches(todo: readonly Range[], { span, order, once }: CutOptions): Range[] {
  if (once) return todo.length > 1 ? [hull(todo)] : [...todo]
  const grid = span === undefined ? undefined : Math.max(full.chunk, floorTo(span, full.chunk))
  const stretches = grid === undefined ? [...todo] : todo.flatMap((range) => split(range, grid))
  return order === 'newest-first' ? stretches.reverse() : stretches
}
