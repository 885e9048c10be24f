import { noProgress } from '../../src/backfill/progress.ts'
import type { BackfillEffects, BackfillOptions, Destination } from '../../src/backfill/query/options.ts'
import type { BackfillSummary } from '../../src/backfill/query/report.ts'
import { backfill } from '../../src/backfill/query/run.ts'
import { TooLarge } from '../../src/bucket/bucket.ts'
import type { OpenedSource } from '../../src/source/registry.ts'
import type { Source } from '../../src/source/source.ts'
import { openForReading } from '../../src/store/open.ts'
import { full, type Granularity } from '../../src/time/granularity.ts'
import { always, contains, type Range } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { pointsOf, type Row, rowsOf, sorted } from './rows.ts'

export interface RowSource extends Source {
  /** Ranges that were read. */
  readonly asked: Range[]
}

export interface RowSourceOptions extends Partial<Source> {
  /** More points in one call are too large. */
  readonly most?: number
  /** Thrown for a range, if anything is. */
  readonly fail?: (range: Range) => Error | undefined
}

/** A source of just some rows, in batches of a few. */
export function rowSource(rows: readonly Row[], { most, fail, ...rest }: RowSourceOptions = {}): RowSource {
  const asked: Range[] = []
  return {
    order: 'arrival',
    asked,
    async *read(_query, range) {
      asked.push(range)
      const error = fail?.(range)
      if (error) throw error
      const found = rows.filter(([, time]) => contains(range, time))
      if (most !== undefined && found.length > most) throw new TooLarge('too many points')
      for (let at = 0; at < found.length; at += 7) yield pointsOf(found.slice(at, at + 7))
    },
    ...rest,
  }
}

export const opened = (source: Source, name = 'memory'): OpenedSource => ({
  name,
  source,
  concurrency: 2,
  needsMetric: false,
  secrets: [],
  description: { kind: name },
})

const defaults: Omit<BackfillOptions, 'from' | 'to'> = {
  shape: { rename: new Map(), tags: [] },
  shapeDescription: {},
  granularities: [full],
  mean: 'exact',
  order: 'oldest-first',
  concurrency: 2,
  verify: 'full',
  allowEmpty: false,
  allowShrink: false,
  allowLossy: false,
  partialSlots: false,
  existing: 'refuse',
  takeOver: false,
}

/** Backfills in the calling process; the rest is as the command line has it by default. */
export const runBackfill = (
  source: Source,
  to: Destination,
  options: Partial<BackfillOptions> = {},
  effects: Partial<BackfillEffects> = {},
): Promise<BackfillSummary> =>
  backfill(
    { ...defaults, from: opened(source), to, ...options },
    { signal: new AbortController().signal, progress: noProgress, files: nodeFiles, now: Date.now, ...effects },
  )

/** Every row that a store holds, sorted. */
export async function storedRows(path: string, granularity: Granularity = full, range = always): Promise<Row[]> {
  const store = await openForReading(path)
  const rows: Row[] = []
  for await (const batch of store.read({ granularity }, range)) rows.push(...rowsOf(batch))
  return sorted(rows)
}
