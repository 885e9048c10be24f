import type { Dimension, Metric } from '@aws-sdk/client-cloudwatch'
import { formatSeries, series } from '../../metric/series.ts'
import { compareBytes } from '../../util/bytes.ts'
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
  const found = new Map<string, FoundMetric>()
  for (const name of wanted.names) {
    for await (const metric of metricsOf(api, { ...wanted, name }, signal)) {
      const tags = Object.fromEntries((metric.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]))
      const text = formatSeries(series(name, tags))
      found.set(text, { metric, text })
    }
  }
  return [...found.values()].sort((a, b) => compareBytes(a.text, b.text))
}

async function* metricsOf(
  api: MetricsApi,
  { namespace: Namespace, name: MetricName, dimensions }: MetricSelection & { readonly name: string },
  signal?: AbortSignal,
): AsyncGenerator<Metric> {
  const filter = dimensions?.map(({ name, value }) => ({ Name: name, Value: value }))
  if (dimensions?.every(({ value }) => value !== undefined)) {
    yield { Namespace, MetricName, Dimensions: filter }
    return
  }
  for await (const { Metrics = [] } of api.listMetrics({ Namespace, MetricName, Dimensions: filter }, signal))
    yield* Metrics.filter((metric) => hasJust(metric.Dimensions ?? [], dimensions))
}

/** CloudWatch's own filter lets metrics with more dimensions through. */
const hasJust = (dimensions: readonly Dimension[], wanted: readonly WantedDimension[] | undefined): boolean =>
  wanted === undefined || dimensions.length === wanted.length
