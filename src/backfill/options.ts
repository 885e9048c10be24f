import type { NameMargins } from '../archive/names.ts'
import type { KernelName } from '../archive/scan.ts'
import type { Shards } from '../archive/shards.ts'
import type { BucketAccess } from '../bucket/open.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import type { ArchiveReader } from '../source/archive/reader.ts'
import type { Store } from '../store/store.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'
import type { Clock } from '../util/clock.ts'
import type { FileSystem } from '../util/files.ts'
import type { ErrorBudget } from './budget.ts'
import type { LakeVerification, Verification } from './context.ts'
import type { FollowOptions } from './follow.ts'
import type { ArchiveJob } from './job.ts'
import type { LatePolicy } from './late.ts'
import type { Progress } from './progress.ts'
import type { Existing } from './push.ts'

/** A store other than a lake that a run feeds. */
export interface PushOptions {
  readonly store: Store
  /** Its URL without secrets: a job is for one store. */
  readonly name: string
  /** See `PusherOptions`. */
  readonly settings: string
  readonly existing: Existing
  /** How what is read back from it is compared. */
  readonly verify: Verification
  /** Milliseconds after which it may have let rows of a granularity expire. */
  lasts?(granularity: Granularity): number
}

/** What `rollUpArchive` is to do. */
export interface RollupOptions {
  /** Where the archive lies: a directory, or a bucket as `openBucket` takes it. */
  readonly from: string
  readonly access?: BucketAccess
  /** List every name of a bucket, whatever date it begins with. */
  readonly listAll?: boolean
  /** The lake's directory: the user's, or the staging lake that `push` is fed from. */
  readonly to: string
  readonly push?: PushOptions
  /** Absent: found from the files' names. */
  readonly range?: Range
  readonly granularities: readonly Granularity[]
  readonly shards: Shards
  readonly namePattern?: string
  readonly margins: NameMargins
  readonly late: LatePolicy
  readonly bufferedSlots: number
  /** Wait for the files of a directory that is being filled. */
  readonly follow?: FollowOptions
  readonly mean: MeanMode
  readonly budget: ErrorBudget
  readonly verify: LakeVerification
  /** How lines are read; what comes out is the same. */
  readonly kernel: KernelName
  /** Threads that unpack and scan; 0 does it in the calling one. */
  readonly workers: number
  /** Files being read at once. */
  readonly batchSize: number
  readonly allowEmpty: boolean
  readonly allowShrink: boolean
  readonly partialSlots: boolean
  readonly existing: 'refuse' | 'replace'
  /** Takes over a lock that is held on another host. */
  readonly takeOver: boolean
}

/** What a run is to do, for those who only look: no store is open. */
export type PlannedOptions = Omit<RollupOptions, 'push'> & Pick<ArchiveJob, 'push'>

/** What a run needs of the world. */
export interface RunEffects {
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly files: FileSystem
  now(): Time
  /** What `openReader` gives for the options; the run ends it. Absent: the run opens one. */
  readonly reader?: Promise<ArchiveReader>
  /** Absent: the machine's own. */
  readonly sleep?: Clock['sleep']
  /** Told what a person should know while it happens. */
  notify?(message: string): void
  /** Told once the range and the job are known; `slots` is the range widened to whole slots. */
  onStart?(start: { readonly range: Range; readonly slots: Range; readonly job: string }): void
}
