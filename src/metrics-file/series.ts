import { formatSeries, keyTag, parseSeries, type Series, typeTag } from '../metric/series.ts'
import type { Metric } from './batch.ts'

/** A series of a metrics file: a metric, or one key of a multi-valued one. */
export interface MetricKey {
  readonly metric: Metric
  readonly key?: string
}

/** The text form of the series that a metric, or one of its keys, is: type and key are tags of it. */
export function seriesText({ type, name }: Metric, key?: string): string {
  const { name: bare, tags } = isSeriesText(name) ? parseSeries(name) : { name, tags: [] }
  const reserved: [string, string][] = []
  if (key !== undefined) reserved.push([keyTag, key])
  if (type !== undefined) reserved.push([typeTag, type])
  const all = [...reserved, ...tags].sort(([a], [b]) => (a < b ? -1 : 1))
  return formatSeries({ name: bare, tags: all })
}

/** The metric, and key where there is one, that a series stands for in a metrics file: the inverse of {@link seriesText}. */
export function metricKey(text: string): MetricKey {
  const { name, tags } = parseSeries(text)
  const tag = (wanted: string) => tags.find(([tagName]) => tagName === wanted)?.[1]
  const type = tag(typeTag)
  const key = tag(keyTag)
  const metric = metricName({ name, tags: tags.filter(([tagName]) => tagName !== typeTag && tagName !== keyTag) })
  return { metric: type === undefined ? { name: metric } : { type, name: metric }, ...(key !== undefined && { key }) }
}

function metricName(series: Series): string {
  return series.tags.length > 0 || isSeriesText(series.name) ? formatSeries(series) : series.name
}

/** Whether a name of a file is `name|dimension=value,…` in our own escaping; every other text is a bare name. */
function isSeriesText(text: string): boolean {
  if (!/^(?:[^\\]|\\[\\|,=])*$/.test(text)) return false
  try {
    return formatSeries(parseSeries(text)).length === text.length
  } catch {
    return false
  }
}
