import { usageError } from '../util/errors.ts'
import { day, floorTo, hour, minute, type Range, snapOutward, split, type Time } from './range.ts'

/** A way of cutting time into slots. `full` keeps the points themselves. */
export interface Granularity {
  readonly name: string
  /** Milliseconds of one slot; 1 for `full`, whose slot is the point's own millisecond. */
  readonly size: number
  /** Milliseconds of one window of the chunk grid: an hour for full and 5m, a day for the coarser levels. */
  readonly chunk: number
}

const level = (name: string, size: number, chunk: number): Granularity => Object.freeze({ name, size, chunk })

export const full = level('full', 1, hour)
export const min5 = level('5m', 5 * minute, hour)
export const min20 = level('20m', 20 * minute, day)
export const min60 = level('60m', hour, day)
export const min240 = level('240m', 4 * hour, day)
export const min1440 = level('1440m', day, day)

/** The rollup levels, finest first; each is made from the one before it, the first from points. */
export const chain: readonly Granularity[] = Object.freeze([min5, min20, min60, min240, min1440])

/**
 * Slots of `size` milliseconds, for sizes that divide a day.
 * @param text how the size is written, for the usage error
 */
export function every(size: number, text = `${size} ms`): Granularity {
  const known = chain.find((granularity) => granularity.size === size)
  if (known) return known
  if (!Number.isInteger(size) || size <= 0 || day % size !== 0)
    throw usageError(`invalid granularity: expected a duration that divides a day, got ${text}`)
  const name = size % minute === 0 ? `${size / minute}m` : `${size}ms`
  return level(name, size, size <= min5.size && hour % size === 0 ? hour : day)
}

/** The coarsest level of the chain whose slots tile those of `granularity`, or `full` where none does. */
export function finerThan(granularity: Granularity): Granularity {
  if (granularity === full) throw usageError('invalid granularity: nothing is finer than full')
  return chain.findLast((finer) => finer.size < granularity.size && granularity.size % finer.size === 0) ?? full
}

/** Reads `full`, a level of the chain such as `60m`, or another number of minutes such as `15m`. */
export function parseGranularity(text: string): Granularity {
  const known = [full, ...chain].find((granularity) => granularity.name === text)
  if (known) return known
  const minutes = /^([1-9]\d*)m$/.exec(text)?.[1]
  if (minutes === undefined)
    throw usageError(
      `invalid granularity: expected full, ${chain.map((g) => g.name).join(', ')} or minutes, got ${text || 'nothing'}`,
    )
  return every(Number(minutes) * minute, text)
}

/** Reads granularities with commas between them; each once, the finest first. */
export const parseGranularities = (text: string): Granularity[] =>
  [...new Set(text.split(',').map((name) => parseGranularity(name.trim())))].sort((a, b) => a.size - b.size)

/** The start of the slot that holds `time`. */
export const slotOf = (granularity: Granularity, time: Time): Time => floorTo(time, granularity.size)

/** The window of the chunk grid that holds `time`. */
export function chunkOf(granularity: Granularity, time: Time): Range {
  const start = floorTo(time, granularity.chunk)
  return { start, end: start + granularity.chunk }
}

/** The windows of the chunk grid that a range touches, in time order. */
export const chunksOf = ({ chunk }: Granularity, range: Range): Range[] => split(snapOutward(range, chunk), chunk)
