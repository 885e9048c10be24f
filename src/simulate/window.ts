import type { Range, Time } from '../time/range.ts'
import type { Columns } from './columns.ts'
import { countUpTo, ofBreakpoints, type Piecewise, restrict } from './piecewise.ts'

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

/** The points that a window sees as a function of time, 0 before the first. `transform` is given each value and its index. */
export function stepsIn(
  { times, values }: Columns,
  window: Window,
  transform: (value: number, index: number) => number = (value) => value,
): Piecewise {
  const { from, to } = pointsIn(times, window)
  const ys = new Float64Array(to - from)
  for (let i = from; i < to; i++) ys[i - from] = transform(values[i], i)
  return restrict(ofBreakpoints(0, times.subarray(from, to), ys), window.range)
}
