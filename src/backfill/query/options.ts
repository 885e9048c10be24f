import type { Shape } from '../../metric/shape.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import type { OpenedSource } from '../../source/registry.ts'
import type { SourceCost } from '../../source/source.ts'
import type { Store } from '../../store/store.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Range, Time } from '../../time/range.ts'
import type { Limit } from '../../util/concurrency.ts'
import type { FileSystem } from '../../util/files.ts'
import type { Verification } from '../context.ts'
import type { Progress } from '../progress.ts'
import type { Existing } from '../push.ts'

/** Where points go: a lake, or another store that is fed from a staging lake in `state`, a folder with one for each job. */
export type Destination =
  | { readonly kind: 'lake'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly store: Store; readonly state: string }
  | {
      readonly kind: 'store'
      /** Its URL without secrets. */
      readonly name: string
      readonly store: Store
      /** What the store's rows depend on beside the points. */
      readonly settings: string
      readonly state: string
      /** What its service bills, at most, by its items of `prices.ts`, for writing points of so many ms and reading them back. */
      billed?(load: { points: number; series?: number; span: number; metricType?: string }): SourceCost['billed']
      /** Makes it ready for rows, as far as known of a range, or fails where it cannot be. */
      prepare?(range: Range | undefined, signal: AbortSignal): Promise<void>
      /** Ms after which it may have let rows of a granularity expire. */
      lasts?(granularity: Granularity): number
    }

/** What `backfill` is to do. */
export interface BackfillOptions {
  readonly from: OpenedSource
  readonly to: Destination
  /** Names of metrics; of a source that lists its own series absent: all. */
  readonly metrics?: readonly string[]
  readonly shape: Shape
  /** The shape in plain JSON: part of what the job is. */
  readonly shapeDescription: unknown
  /** Absent: all that there is, where the source is a file. */
  readonly range?: Range
  readonly granularities: readonly Granularity[]
  readonly mean: MeanMode
  readonly order: 'oldest-first' | 'newest-first'
  /** Stretches of the range that are read at once. */
  readonly concurrency: Limit
  /** Holes of series between points so far apart, in ms, are all that is read; absent: whatever is not done. */
  readonly onlyMissing?: { readonly every?: number }
  /** What is done in it is read again. */
  readonly refresh?: Range
  readonly verify: Verification
  readonly allowEmpty: boolean
  readonly allowShrink: boolean
  readonly allowLossy: boolean
  readonly partialSlots: boolean
  /** What becomes of points that others have written. */
  readonly existing: 'refuse' | Existing
  readonly takeOver: boolean
}

/** What a backfill needs of the world. */
export interface BackfillEffects {
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly files: FileSystem
  now(): Time
  onStart?(start: { readonly range: Range | undefined; readonly job: string; readonly state: string }): void
  /** Asks whether points that others have written may be replaced. */
  confirm?(question: string): Promise<boolean>
  /** Told how much of what is to do, in ms of history, is done. */
  onStretch?(done: number, total: number): void
}
