import type { Dimension, Metric } from '@aws-sdk/client-cloudwatch'
import { formatSeries, series } from '../../metric/series.ts'
import { usageError } from '../../util/errors.ts'
import type { MetricsApi } from './client.ts'

/** A dimension that a metric must have, with one value or any. */
export interface WantedDimension {
  readonly name: string
  readonly value?: string
}

export interface MetricSelection {
  readonly namespace: string
  readonly names: readonly string[]
  /** All dimensions of the metrics; where it is undefined, metrics of any dimensions. */
  readonly dimensions?: readonly WantedDimension[]
}

/** A metric of CloudWatch and the series that it is. */
export interface FoundMetric {
  readonly metric: Metric
  readonly text: string
}

/** Reads `InstanceId=i-1`, `InstanceId=*` and `InstanceId`. */
export function parseDimension(text: string): WantedDimension {
  const [, name, value] = /^([^=]+)(?:=(.+))?$/s.exec(text) ?? []
  if (name === undefined) throw usageError(`invalid dimensions: expected Name=value or Name, got ${text}`)
  return value === undefined || value === '*' ? { name } : { name, value }
}

/**
 * The metrics that are meant, in order of their series. Those whose dimensions all have values are taken as they are told; others are
 * looked for, and CloudWatch lists only metrics that had values in the last two weeks.
 */
export async function findMetrics(
  api: MetricsApi,
  wanted: MetricSelection,
  signal?: AbortSignal,
): Promise<FoundMetric[]> {
  const { namespace: Namespace, names, dimensions } = wanted
  const found = new Map<string, FoundMetric>()
  const add = (metric: Metric) => {
    const tags = Object.fromEntries((metric.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]))
    const text = formatSeries(series(metric.MetricName ?? '', tags))
    found.set(text, { metric, text })
  }
  for (const MetricName of names) {
    const told = dimensions?.every(({ value }) => value !== undefined)
    if (dimensions && told) {
      add({ Namespace, MetricName, Dimensions: dimensions.map(({ name, value }) => ({ Name: name, Value: value })) })
      continue
    }
    const filter = dimensions?.map(({ name, value }) => ({ Name: name, Value: value }))
    for await (const { Metrics = [] } of api.listMetrics({ Namespace, MetricName, Dimensions: filter }, signal))
      for (const metric of Metrics) if (hasJust(metric.Dimensions ?? [], dimensions)) add(metric)
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1))
}

/** CloudWatch's own filter lets metrics with more dimensions through. */
const hasJust = (dimensions: readonly Dimension[], wanted: readonly WantedDimension[] | undefined): boolean =>
  wanted === undefined || dimensions.length === wanted.length
