import { formatSeries, parseSeries, typeTag } from '../../metric/series.ts'
import { metricKey, seriesText } from '../../metrics-file/series.ts'
import { usageError } from '../../util/errors.ts'

/** Clusterman's metric types: each has a table of its own. */
export const metricTypes = ['system_metrics', 'app_metrics', 'metadata'] as const

export type MetricType = (typeof metricTypes)[number]

const appMetrics: MetricType = 'app_metrics'

/** The items of one metric: a table and a partition key. */
export interface MetricAddress {
  readonly type: MetricType
  /** `name|dimension=value,…`, of app metrics behind `<app>,`. */
  readonly key: string
  /** The application that an app metric is of. */
  readonly app?: string
}

/** Where the values of a series lie: in the attribute `field` of a metric's items, or where it is undefined in `value`. */
export interface SeriesAddress extends MetricAddress {
  readonly field?: string
}

/** Attributes that cannot be the key of a value. */
const reserved = ['key', 'timestamp', 'expiration_timestamp', 'gsi_partition', 'app_timestamp', 'value']

export const isReserved = (attribute: string): boolean => reserved.includes(attribute)

/** How series and items correspond. */
export interface Layout {
  table(type: MetricType): string
  /**
   * Where a series lies.
   * @throws a usage error where it has no place: no metric type, an app metric without application, no name
   */
  locate(series: string): SeriesAddress
  /** The metric that a partition key of a table stands for; undefined where it belongs to another application than the one asked for. */
  metric(type: MetricType, key: string): MetricAddress | undefined
  /** The series that the values of a metric, or of one key of it, are. */
  series(address: SeriesAddress): string
}

/**
 * Clusterman's layout. With `app`, app metrics are those of that application, and their series do not name it; without, the name of
 * such a series begins with `<app>,`.
 */
export function clustermanLayout({ prefix, app }: { prefix: string; app?: string }): Layout {
  return {
    table: (type) => `${prefix}${type}`,
    locate(text) {
      const { metric, key: field } = metricKey(text)
      const type = requireType(metric.type, text)
      const address = type === appMetrics ? appAddress(text, metric.name, app) : { type, key: metric.name }
      if (address.key === '') throw usageError(`a metric of DynamoDB needs a name: ${text}`)
      return field === undefined ? address : { ...address, field }
    },
    metric(type, key) {
      if (type !== appMetrics) return { type, key }
      const owner = appOf(key)
      if (app !== undefined && owner !== app) return undefined
      return { type, key, ...(owner !== undefined && { app: owner }) }
    },
    series({ type, key, app: owner, field }) {
      if (owner === undefined) return seriesText({ type, name: key }, field)
      const text = seriesText({ type, name: key.slice(owner.length + 1) }, field)
      return app === undefined ? `${escaped(owner)}${text}` : text
    },
  }
}

function requireType(type: string | undefined, text: string): MetricType {
  const known = metricTypes.find((one) => one === type)
  if (known) return known
  throw usageError(
    `no table for ${text}: expected ${typeTag}=${metricTypes.join(` or ${typeTag}=`)}, got ${type ?? 'none'}`,
    'give --metric-type',
  )
}

/** `app` of the key `app,name|dimension=value`. */
const appOf = (key: string): string | undefined => /^([^,|]*),/.exec(key)?.[1]

function appAddress(text: string, name: string, app: string | undefined): MetricAddress {
  if (app !== undefined) return { type: appMetrics, key: `${app},${name}`, app }
  const owner = appOf(parseSeries(text).name)
  if (owner === undefined)
    throw usageError(`an app metric of DynamoDB belongs to an application: ${text}`, 'give app=NAME')
  const { metric } = metricKey(text.slice(escaped(owner).length))
  return { type: appMetrics, key: `${owner},${metric.name}`, app: owner }
}

/** An application as a series' text begins with it. */
const escaped = (app: string): string => formatSeries({ name: `${app},`, tags: [] })
