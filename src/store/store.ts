import type { RowBatch } from '../metric/rows.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'

export type { RowBatch }

/** Which series a replacement speaks of: all that the writer owns, or those named (text forms). */
export type SeriesSelector = 'all' | ReadonlySet<string>

export interface Place {
  readonly granularity: Granularity
  readonly range: Range
  readonly series: SeriesSelector
}

/** What a store says of a replacement that is durable. */
export interface Receipt {
  readonly rows: number
  readonly bytes: number
}

/** Which rows are meant: all series, those whose text form matches a glob (`*`, `?`), or those named. */
export interface RowQuery {
  readonly granularity: Granularity
  readonly glob?: string
  readonly names?: readonly string[]
}

/** A change to some rows: those to put, and those to take out, of which only series and times matter. Both are in canonical order. */
export interface Patch {
  readonly granularity: Granularity
  readonly rows: RowBatch
  readonly gone: RowBatch
}

export interface StoreOptions {
  readonly signal?: AbortSignal
}

/** Where rows are kept, by replacement. */
export interface Store extends AsyncDisposable {
  /**
   * Makes the rows of these series in this range exactly `batches`, and resolves once they are durable. Rows arrive grouped by
   * series, in order of their texts' UTF-8 bytes, time ascending inside one. Twice is as once; all other rows stay untouched. On
   * an error the rows are as before, or partly replaced where the store has no transaction: replacing again mends them.
   */
  replace(place: Place, batches: AsyncIterable<RowBatch> | Iterable<RowBatch>, options?: StoreOptions): Promise<Receipt>
  /**
   * Puts rows and takes others out, durable on return; twice is as once. All other rows stay untouched, be they of the same series and
   * range: for stores that others write to as well. On an error some of it may be done.
   */
  patch?(patch: Patch, options?: StoreOptions): Promise<Receipt>
  /** Reads rows grouped by series, time ascending inside one. May be called several times at once. */
  read(query: RowQuery, range: Range, options?: StoreOptions): AsyncIterable<RowBatch>
  /** Ms that the times of its points are multiples of; absent where it holds every ms. */
  readonly resolution?: number
  /** What this store can hold of a batch (whole seconds, decimals, no NaN …); absent where it holds everything. */
  normalise?(batch: RowBatch, granularity: Granularity): RowBatch
}
