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
  /** Told, once for each call, of what whoever relies on the points must know: `resolution is 5m instead of 1m`. */
  readonly onNotice?: (notice: string) => void
}

export interface LimitsOptions {
  readonly now: Time
  readonly signal?: AbortSignal
}

/** What a planner must know of a source for one query, range and date. Ranges are cut so that no bound is broken. */
export interface SourceLimits {
  /** The longest span that one call of `read` should ask for, in ms: what a request or a few may carry. */
  readonly span?: number
  /** The finest resolution that the source still has for the beginning of the range, in ms. */
  readonly resolution?: number
  /** Ms after which a source's values no longer change. */
  readonly settling?: number
  /** What reading the whole range will take. */
  readonly cost?: SourceCost
}

/** An estimate; whatever is not known is absent. */
export interface SourceCost {
  readonly requests: number
  readonly series?: number
  readonly points?: number
  /** Of answers. */
  readonly bytes?: number
  /** What the service bills, by its item of `prices.ts`. */
  readonly billed?: Readonly<Record<string, number>>
  /** Whether it may well be less: series, points and what follows from them are bounds. */
  readonly atMost?: boolean
}

/** What can be told of a reading beyond its cost by limits; whatever it names holds instead. */
export type Estimate = Partial<SourceCost>

/**
 * Where points or rollups come from.
 *
 * `order` tells what memory reading takes: 'arrival' is roughly in time, in the source's canonical order (open slots);
 * 'series' is series by series, time ascending inside one (one chunk).
 */
export interface Source<B extends PointBatch | RollupBatch = PointBatch> {
  readonly order: 'arrival' | 'series'
  /** Set where it can be read only once, in one call. What it does not give is not gone: points of earlier readings stay. */
  readonly once?: true
  /**
   * Reads everything in `range`. The same range gives the same data, so that a chunk which failed can be read again. May be
   * called for several ranges at once. What gets out as an error is final: retries lie inside or in a wrapper. TooLarge asks whoever
   * reads to halve the range, down to {@link SourceLimits.resolution}, and then the names.
   */
  read(query: Query, range: Range, options?: ReadOptions): AsyncIterable<B>
  /** Absent where there is nothing to know: any range at once, at full resolution. */
  limits?(query: Query, range: Range, options: LimitsOptions): Promise<SourceLimits>
  /**
   * A digest of what feeds it, for sources that are files: where it is another than it was, chunks are made again. Absent for
   * services, whose history does not change once it has settled.
   */
  inputs?(): Promise<string>
  /**
   * Estimates what reading a range takes and gives where the limits do not know, for plans only: it may count, or read a sample. Absent
   * where the service gives no way.
   */
  estimate?(query: Query, range: Range, signal?: AbortSignal): Promise<Estimate>
  /** What a store that is a source can hold of points, a chunk of them in canonical order; absent where it holds everything. */
  normalise?(points: PointBatch): PointBatch
}
