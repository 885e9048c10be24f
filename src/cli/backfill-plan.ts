import type { BackfillPlan } from '../backfill/query/dry-run.ts'
import { formatRange, formatTime } from '../time/range.ts'
import { alignPairs, formatBytes, formatCount, formatSeconds } from './format.ts'

/** What a backfill would do, for people: every part that is to be read, and what it takes. */
export function formatPlan(plan: BackfillPlan): string {
  const { job, range, stretches, upToDate, resolution, cost, money, seconds } = plan
  const roughly = cost.atMost ? 'at most' : 'about'
  const known = (value: number | undefined, format: (value: number) => string) =>
    value === undefined ? 'not known beforehand' : `${roughly} ${format(value)}`
  return [
    ...stretches.map((stretch) => `to read  ${formatRange(stretch)}`),
    ...alignPairs([
      ['job', job],
      ['range', range ? formatRange(range) : 'all that the source has'],
      ['chunks', range ? `${formatCount(upToDate)} up to date` : 'not known beforehand'],
      ...(resolution === undefined ? [] : [['resolution', `${resolution / 1_000} s`] as const]),
      ['requests', `about ${formatCount(cost.requests)}`],
      ...(cost.series === undefined ? [] : [['series', known(cost.series, formatCount)] as const]),
      ['points', known(cost.points, formatCount)],
      ['bytes', known(cost.bytes, formatBytes)],
      ['money', `${roughly} $${money.dollars.toFixed(2)}, by the price list of ${money.asOf}; --price changes it`],
      ['time', `about ${formatSeconds(seconds)}`],
    ]),
    ...(plan.unsettledUntil !== undefined && range
      ? [`values after ${formatTime(range.end)} may still change and are left out`]
      : []),
    'nothing was written',
  ].join('\n')
}
