import type { Catalogue } from '../archive/catalogue.ts'
import type { NameMargins } from '../archive/names.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import type { ArchiveReader } from '../source/archive/reader.ts'
import type { Lake } from '../store/lake/lake.ts'
import type { Range, Time } from '../time/range.ts'
import type { Clock } from '../util/clock.ts'
import type { FileSystem } from '../util/files.ts'
import type { ErrorBudget } from './budget.ts'
import type { FollowOptions } from './follow.ts'
import type { LatePolicy } from './late.ts'
import type { Ledger } from './ledger.ts'
import type { Progress } from './progress.ts'
import type { Proof } from './proof.ts'
import type { Pusher } from './pusher.ts'
import type { Rejects } from './rejects.ts'
import type { CommitReport, Report } from './report.ts'

/** How rows that were written are compared with what was to be written: all of them, some, or none. */
export type Verification = 'full' | 'sample' | 'none'

/**
 * How those of a lake are: `checksum` decodes all of them and compares checksums, which were taken before they were encoded; `full`
 * reads them through another engine as well.
 */
export type LakeVerification = Verification | 'checksum'

/** The choices of a run that its steps look at. */
export interface RunSettings {
  readonly margins: NameMargins
  readonly mean: MeanMode
  readonly late: LatePolicy
  readonly bufferedSlots: number
  readonly budget: ErrorBudget
  readonly verify: LakeVerification
  readonly allowShrink: boolean
  readonly partialSlots: boolean
  /** Files being read at once. */
  readonly batchSize: number
  /** Absent: what is there is all there is. */
  readonly follow?: FollowOptions
  /** Whether 5m rollups are asked for; if not they are kept in the staging lake only. */
  readonly keeps5m: boolean
}

/** What making rows durable takes. */
export interface CommitContext {
  readonly settings: Pick<RunSettings, 'verify' | 'allowShrink'>
  readonly lake: Lake
  /** Opens the lake inside the job's state, for levels that others are made from but nobody asked for. */
  staging(): Promise<Lake>
  readonly ledger: Ledger
  readonly report: CommitReport
  readonly progress: Progress
  /** Compares what goes into the lake with what is read back, series by series; absent where the lake only stages. */
  readonly lakeProof?: Proof
  now(): Time
}

/** What making levels from finer ones takes. */
export interface CoarseContext extends CommitContext {
  readonly settings: Pick<RunSettings, 'verify' | 'allowShrink' | 'partialSlots' | 'mean'>
  /** Feeds another store; absent where the lake is all there is. */
  readonly pusher?: Pusher
  readonly signal: AbortSignal
}

/** What the steps of a run over an archive share. */
export interface RunContext extends CoarseContext {
  readonly settings: RunSettings
  readonly catalogue: Catalogue
  readonly rejects: Rejects
  readonly reader: ArchiveReader
  readonly report: Report
  readonly files: FileSystem
  sleep: Clock['sleep']
  /** Tells a person something while it happens. */
  notify(message: string): void
}

/** A span that could not be made, and why. */
export interface Failure {
  readonly granularity: string
  readonly range: Range
  readonly reason: string
}
