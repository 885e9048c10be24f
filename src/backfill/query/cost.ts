import type { Pace } from '../../bucket/caller.ts'
import type { SourceCost } from '../../source/source.ts'
import type { Range } from '../../time/range.ts'
import type { Limit } from '../../util/concurrency.ts'
import type { BackfillOptions } from './options.ts'

export const free: SourceCost = { requests: 0 }

/** With the bytes that so many points take, and what their store bills. */
export function withStore(
  cost: SourceCost,
  { from, to, shape }: BackfillOptions,
  stretches: readonly Range[],
): SourceCost {
  const { points, series } = cost
  if (points === undefined) return cost
  const span = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
  const bytes = cost.bytes ?? (from.bytesPerPoint === undefined ? undefined : points * from.bytesPerPoint)
  const billed = to.kind === 'store' ? to.billed?.({ points, series, span, metricType: shape.metricType }) : undefined
  return addCosts({ ...cost, bytes }, { requests: 0, billed })
}

/** What two parts of a reading cost together. */
export function addCosts(a: SourceCost, b: SourceCost): SourceCost {
  const sum = (x?: number, y?: number) => (x === undefined && y === undefined ? undefined : (x ?? 0) + (y ?? 0))
  const items = new Set([...Object.keys(a.billed ?? {}), ...Object.keys(b.billed ?? {})])
  const billed = Object.fromEntries([...items].map((item) => [item, sum(a.billed?.[item], b.billed?.[item]) ?? 0]))
  const [points, bytes] = [sum(a.points, b.points), sum(a.bytes, b.bytes)]
  // The same series come in every part.
  const series = a.series === undefined ? b.series : Math.max(a.series, b.series ?? 0)
  return { requests: a.requests + b.requests, series, points, bytes, billed, atMost: a.atMost || b.atMost }
}

/** Seconds that a service is taken to need for an answer; no promise. */
const assumedSecondsPerRequest = 0.5

/** Requests at once that a service is taken to bear where it is to be found out. */
const assumedConcurrency = 16

/** How long it takes at a pace, with so many requests at once. */
export function secondsFor(
  { requests, points = 0, bytes = 0 }: SourceCost,
  { concurrency, pace }: { concurrency: Limit; pace: Pace },
): number {
  const atOnce = typeof concurrency === 'number' ? concurrency : assumedConcurrency
  return Math.max(
    (requests * assumedSecondsPerRequest) / atOnce,
    requests / (pace.maxRequestsPerSecond ?? Number.POSITIVE_INFINITY),
    points / (pace.maxPointsPerSecond ?? Number.POSITIVE_INFINITY),
    bytes / (pace.maxBytesPerSecond ?? Number.POSITIVE_INFINITY),
  )
}
