import { formatShards, type Shards } from '../../archive/shards.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import { idOf } from '../../store/lake/job-file.ts'
import { semantics } from '../job.ts'

/** Everything that changes what the rollups of a store's rows are. */
export interface StoredJob {
  /** The store's URL without secrets, or its path. */
  readonly from: string
  /** The shards whose series are taken where none are named. */
  readonly shards: Shards
  readonly glob?: string
  readonly names?: readonly string[]
  readonly mean: MeanMode
  /** Whether rows that count nothing take part in minimum and maximum, as they do in Blueflood. */
  readonly isReference: boolean
  /** The store that is fed from a staging lake. */
  readonly push?: { readonly name: string }
}

/** What a job is, in plain JSON, as `job.json` keeps it. */
export const describeStoredJob = ({ from, shards, glob, names, mean, isReference, push }: StoredJob) => ({
  kind: 'stored',
  source: from,
  shards: formatShards(shards),
  glob,
  names,
  mean,
  isReference,
  store: push?.name,
  semantics,
})

/** The job's name in files and folders. */
export const storedJobId = (job: StoredJob): string => idOf(describeStoredJob(job))
