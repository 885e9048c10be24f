import { usageError } from '../util/errors.ts'
import type { AllocatedSeries, History, SizeSeries } from './history.ts'
import { type ClusterName, formatCluster, sameCluster } from './metric-key.ts'

/** What a user says of the cluster; what is left out may be anything. */
export type ClusterFilter = Partial<ClusterName>

/** The series of one cluster. */
export interface ClusterHistory {
  /** Undefined where the inputs name no cluster at all. */
  readonly cluster: ClusterName | undefined
  readonly size: SizeSeries | undefined
  readonly allocated: AllocatedSeries | undefined
}

/**
 * Chooses the one cluster that has points: capacities decide, or allocations where no input has capacities.
 * @throws a usage error where none or several are left
 */
export function selectCluster({ sizes, allocated }: History, filter: ClusterFilter): ClusterHistory {
  const filled = [sizes, allocated].map((list) => list.filter(({ times }) => times.length > 0))
  const known = distinct((filled.find((list) => list.length > 0) ?? []).map(({ cluster }) => cluster))
  const chosen = known.filter((cluster) => matches(cluster, filter))
  if (chosen.length > 1)
    throw usageError(
      `ambiguous cluster: the inputs have ${listOf(chosen)}`,
      'choose with --cluster, --pool or --scheduler',
    )
  if (chosen.length === 0 && Object.values(filter).some((value) => value !== undefined))
    throw usageError(`unknown cluster: expected ${listOf(known) || 'inputs with a cluster'}, got ${describe(filter)}`)
  if (chosen.length === 0) return { cluster: undefined, size: undefined, allocated: undefined }
  return { cluster: chosen[0], size: sizeOf(sizes, chosen[0]), allocated: allocatedOf(allocated, chosen[0]) }
}

const listOf = (clusters: readonly ClusterName[]): string => clusters.map(formatCluster).join('; ')

const describe = (filter: ClusterFilter): string =>
  Object.entries(filter)
    .flatMap(([part, value]) => (value === undefined ? [] : [`${part} ${value}`]))
    .join(', ')

const matches = (cluster: ClusterName, filter: ClusterFilter): boolean =>
  (['cluster', 'pool', 'scheduler'] as const).every(
    // Older files do not tell the scheduler.
    (part) => filter[part] === undefined || cluster[part] === undefined || filter[part] === cluster[part],
  )

const distinct = (clusters: readonly ClusterName[]): ClusterName[] =>
  clusters.filter((cluster, i) => clusters.findIndex((other) => sameCluster(other, cluster)) === i)

function sizeOf(sizes: readonly SizeSeries[], cluster: ClusterName): SizeSeries | undefined {
  const own = sizes.filter((size) => size.times.length > 0 && sameCluster(size.cluster, cluster))
  return own.find(({ metric }) => metric === 'fulfilled_capacity') ?? own[0]
}

function allocatedOf(all: readonly AllocatedSeries[], cluster: ClusterName): AllocatedSeries | undefined {
  const filled = all.filter(({ times }) => times.length > 0)
  return filled.find((own) => sameCluster(own.cluster, cluster)) ?? filled.find((own) => matches(own.cluster, cluster))
}
