import { formatRange, formatTime, type Range } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { type History, spanOf } from './history.ts'
import type { ClusterHistory } from './select.ts'
import { pointsIn } from './window.ts'

/**
 * Throws where no price, capacity or allocation has a say in the window, or all of them end before it: a cost of 0, or of values
 * long gone, would look like a result.
 */
export function requirePoints(
  history: History,
  { size, allocated }: ClusterHistory,
  { range, lookBack = true }: { range: Range; lookBack?: boolean },
): void {
  const series = [...history.prices.values(), size, allocated].filter((one) => one !== undefined)
  const isSeen = series.some(({ times }) => {
    const { from, to } = pointsIn(times, { range, lookBack })
    return from < to && times[times.length - 1] >= range.start
  })
  if (isSeen) return
  const span = spanOf(history)
  const there = span ? `the inputs hold ${formatTime(span.first)} to ${formatTime(span.last)}` : 'the inputs hold none'
  throw new UserError(`nothing to simulate: no price, capacity or allocation in ${formatRange(range)}, ${there}`, {
    exitCode: ExitCode.nothing,
    hint: 'change --start-time and --end-time, or give --allow-empty',
  })
}
