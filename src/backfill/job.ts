import { defaultNamePattern, type NameMargins } from '../archive/names.ts'
import { formatShards, type Shards } from '../archive/shards.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import { idOf } from '../store/lake/job-file.ts'
import { nameLocation } from '../util/location.ts'
import type { LatePolicy } from './late.ts'

/** Everything that changes what an archive's rollups are. Ranges and granularities only select among them. */
export interface ArchiveJob {
  /** Where the archive lies. */
  readonly from: string
  readonly shards: Shards
  readonly namePattern?: string
  readonly margins: NameMargins
  readonly late: LatePolicy
  readonly bufferedSlots: number
  readonly mean: MeanMode
  /** The store that is fed from a staging lake; a lake that holds its job's state needs no name. */
  readonly push?: { readonly name: string }
}

/** Raised when the same inputs and options would give other rows than before. */
export const semantics = 1

/** What a job is, in plain JSON, as `job.json` keeps it. Without secrets; paths are absolute. */
export function describeJob(job: ArchiveJob) {
  const { late, bufferedSlots } = job
  return {
    kind: 'archive',
    source: nameLocation(job.from),
    shards: formatShards(job.shards),
    namePattern: job.namePattern ?? defaultNamePattern,
    before: job.margins.before,
    after: job.margins.after,
    // Which points are late depends on the buffer, but only matters where late points are dropped.
    late: late.kind === 'reroll' ? late : { ...late, bufferedSlots },
    mean: job.mean,
    store: job.push?.name,
    semantics,
  }
}

/** The job's name in files and folders. */
export const jobId = (job: ArchiveJob): string => idOf(describeJob(job))
