import type { Series } from '../metric/series.ts'
import { formatMarket, type Market, marketOf } from './market.ts'

/** Whose instances a series counts. A role of older files is a pool. */
export interface ClusterName {
  readonly cluster: string
  readonly pool: string
  /** `mesos` or `kubernetes`; older files do not tell. */
  readonly scheduler: string | undefined
}

/** What a series tells a simulation. */
export type MetricKey =
  | { readonly kind: 'price'; readonly market: Market }
  | { readonly kind: 'size'; readonly metric: SizeMetric; readonly cluster: ClusterName }
  | { readonly kind: 'allocated'; readonly cluster: ClusterName }

/** A text that is the same for equal keys only, in whatever spelling they were read. */
export function identityOf(key: MetricKey): string {
  if (key.kind === 'price') return formatMarket(key.market)
  const { cluster, pool, scheduler = null } = key.cluster
  return JSON.stringify([key.kind === 'size' ? key.metric : key.kind, cluster, pool, scheduler])
}

const sizeMetrics = ['fulfilled_capacity', 'capacity'] as const
/** Where a cluster has both, the first is taken. */
export type SizeMetric = (typeof sizeMetrics)[number]

const flatPrice = /^spot_prices?_(.+)_([^_]+)$/

/**
 * Reads the name and tags of a series in the spelling of any generation of metrics files; undefined for series that a
 * simulation does not read.
 * @throws a usage error for a price of a market that cannot be
 */
export function metricKeyOf({ name, tags }: Series, where: string): MetricKey | undefined {
  const tag = Object.fromEntries(tags)
  const flat = flatPrice.exec(name)
  if (flat) return { kind: 'price', market: marketOf(flat[1], flat[2], where) }
  if (name === 'spot_prices' || name === 'spot_price') {
    const zone = tag.aws_availability_zone ?? tag.AZ ?? ''
    const type = tag.aws_instance_type ?? tag.instance_type ?? ''
    return { kind: 'price', market: marketOf(type, zone, where) }
  }
  const cluster = clusterOf(tag)
  if (!cluster) return undefined
  const metric = sizeMetrics.find((size) => size === name)
  if (metric) return { kind: 'size', metric, cluster }
  if (name === 'cpus_allocated' || name === 'cpu_allocation') return { kind: 'allocated', cluster }
  return undefined
}

function clusterOf(tag: Readonly<Record<string, string>>): ClusterName | undefined {
  const pool = tag.pool ?? tag.role
  if (tag.cluster === undefined || pool === undefined) return undefined
  const [, name, scheduler] = /^(.*)\.(mesos|kubernetes)$/.exec(pool) ?? [undefined, pool, undefined]
  return { cluster: tag.cluster, pool: name, scheduler }
}

export const formatCluster = ({ cluster, pool, scheduler }: ClusterName): string =>
  `cluster ${cluster}, pool ${pool}${scheduler ? `, scheduler ${scheduler}` : ''}`

export const sameCluster = (a: ClusterName, b: ClusterName): boolean =>
  a.cluster === b.cluster && a.pool === b.pool && a.scheduler === b.scheduler
