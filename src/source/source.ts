import type { PointBatch } from '../metric/points.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'

/** Which series are meant: all, those whose text form matches a glob (`*`, `?`), or those named. */
export interface Query {
  readonly granularity?: Granularity
  readonly glob?: string
  readonly names?: readonly string[]
}

export interface ReadOptions {
  readonly signal?: AbortSignal
}

/** What a planner must know of a source for one query, range and date. */
export interface SourceLimits {
  /** The longest span that one request may ask for, in ms. */
  readonly span?: number
  /** The most points that one request may return. */
  readonly points?: number
  /** The finest resolution that the source still has, in ms. */
  readonly resolution?: number
  /** Ms after which a source's values no longer change. */
  readonly settling?: number
  /** Money for one request, in US dollars. */
  readonly price?: number
}

/**
 * Where points or rollups come from.
 *
 * `order` tells what memory reading takes: 'arrival' is roughly in time, in the source's canonical order (open slots);
 * 'series' is series by series, time ascending inside one (one chunk).
 */
export interface Source<B extends PointBatch | RollupBatch = PointBatch> {
  readonly order: 'arrival' | 'series'
  /**
   * Reads everything in `range`. The same range gives the same data, so that a chunk which failed can be read again. May be
   * called for several ranges at once. What gets out as an error is final: retries lie inside or in a wrapper.
   */
  read(query: Query, range: Range, options?: ReadOptions): AsyncIterable<B>
  /** Absent where there is nothing to know: any range at once, at full resolution. */
  limits?(query: Query, range: Range, now: Time): Promise<SourceLimits>
}
