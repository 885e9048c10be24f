import type { Range, Time } from '../time/range.ts'
import { countUpTo } from './ascending.ts'
import type { Columns } from './columns.ts'
import { ofBreakpoints, type Piecewise, restrict } from './piecewise.ts'

/** The part of a history that a simulation sees. */
export interface Window {
  readonly range: Range
  /** Whether the last value before the range holds at its start. */
  readonly lookBack: boolean
}

/** Indices of the points of `times` that a window sees; with look-back the last one before the start as well. */
export function pointsIn(times: Float64Array, { range, lookBack }: Window): { from: number; to: number } {
  const atStart = countUpTo(times, range.start)
  const isExact = atStart > 0 && times[atStart - 1] === range.start
  const from = atStart > 0 && (lookBack || isExact) ? atStart - 1 : atStart
  let to = Math.max(from, countUpTo(times, range.end))
  if (to > from && times[to - 1] === range.end) to--
  return { from, to }
}

/** When the first point that a window sees takes effect, or undefined where it sees none. */
export function firstEffect(times: Float64Array, window: Window): Time | undefined {
  const { from, to } = pointsIn(times, window)
  return from < to ? Math.max(times[from], window.range.start) : undefined
}

/** The points that a window sees. */
export function seenIn({ times, values }: Columns, window: Window): Columns {
  const { from, to } = pointsIn(times, window)
  return { times: times.subarray(from, to), values: values.subarray(from, to) }
}

/** Points that a window sees as a function of time, 0 before the first. */
export const stepsOf = ({ times, values }: Columns, { range }: Window): Piecewise =>
  restrict(ofBreakpoints(0, times, values), range)

/** The points of a series that a window sees, as a function of time. */
export const stepsIn = (series: Columns, window: Window): Piecewise => stepsOf(seenIn(series, window), window)
