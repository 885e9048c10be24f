import type { Metric } from './batch.ts'
import { seriesText } from './series.ts'

/** A text that tells metrics apart by their series: it is the same for all spellings of one, with its dimensions in any order. */
export const identity = (metric: Metric): string => seriesText(metric)

export const sameMetric = (a: Metric, b: Metric): boolean => identity(a) === identity(b)

/** Tells of any metric whether it is one of these. */
export function isOneOf(metrics: readonly Metric[]): (metric: Metric) => boolean {
  const known = new Set(metrics.map(identity))
  return (metric) => known.has(identity(metric))
}
