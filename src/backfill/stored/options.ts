import type { Store } from '../../store/store.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Range } from '../../time/range.ts'
import type { ExitCode } from '../../util/errors.ts'
import type { CoarseContext } from '../context.ts'
import type { RollupOptions } from '../options.ts'
import type { Report } from '../report.ts'
import type { StoredJob } from './job.ts'

type Shared =
  | 'to'
  | 'push'
  | 'granularities'
  | 'verify'
  | 'existing'
  | 'takeOver'
  | 'allowShrink'
  | 'allowEmpty'
  | 'partialSlots'

/** What `rollUpStore` is to do. */
export interface StoredOptions extends Omit<StoredJob, 'push'>, Pick<RollupOptions, Shared> {
  readonly source: Pick<Store, 'read'>
  readonly range: Range
}

/** What the steps of a run share. */
export interface StoredContext extends CoarseContext {
  readonly options: StoredOptions
  readonly report: Report
}

/** What a run was about; see {@link Report} for what it did. */
export interface StoredSummary {
  readonly job: string
  readonly from: string
  readonly to: string
  /** Where the job's state lies, if not in the store. */
  readonly state?: string
  readonly range: Range
  readonly granularities: readonly string[]
  /** The level that was read. */
  readonly base: string
  readonly verify: string
  readonly seconds: number
  readonly exitCode: ExitCode
  readonly report: Report
}

/** One level of a span, made durable at once. */
export interface LevelSpan {
  readonly granularity: Granularity
  readonly range: Range
}
