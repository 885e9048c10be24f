import type { Store } from '../../store/store.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Range } from '../../time/range.ts'
import type { CoarseContext } from '../context.ts'
import type { RollupOptions, RunEffects } from '../options.ts'
import type { JobSummary, Report } from '../report.ts'
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

export interface StoredEffects extends RunEffects {
  /** Told how many of the parts of the range have been read. */
  share(done: number, total: number): void
}

/** What the steps of a run share. */
export interface StoredContext extends CoarseContext, Pick<StoredEffects, 'share'> {
  readonly options: StoredOptions
  readonly report: Report
}

/** What a run over stored rows was about. */
export interface StoredSummary extends JobSummary {
  /** The level that was read. */
  readonly base: string
}

/** One level of a span, made durable at once. */
export interface LevelSpan {
  readonly granularity: Granularity
  readonly range: Range
}
