import { countOf, matchRows, type RowBatch, sameRow } from '../metric/rows.ts'
import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { Receipt, Store, StoreOptions } from '../store/store.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import type { Verification } from './context.ts'
import { type Expectation, type Finding, findDifference, readRows } from './difference.ts'
import { spanRows } from './span-rows.ts'

/**
 * What becomes of rows that the store holds and this job has not written: `replace` does not look; `keep` leaves them; `larger-count`
 * leaves those that count more points. The last two need a store that patches.
 */
export type Existing = 'replace' | 'keep' | 'larger-count'

/** A store that is fed from a staging lake. */
export interface PushTarget {
  readonly store: Store
  /** What the store is to hold. */
  readonly staging: Lake
  /** Rows that it may still hold of earlier staged versions; see `keepSuperseded`. */
  readonly superseded: Lake
  readonly existing: Existing
  readonly verify: Verification
}

/** What a push has come to. Where something differs, the span is to be pushed again. */
export interface Pushed extends Finding {
  /** Rows written. */
  readonly rows: number
  readonly bytes: number
  /** Rows of the store that stay though ours differ, and how many of them count more points than ours. */
  readonly kept: number
  readonly larger: number
}

/** One granularity and a range inside one window of its chunk grid. */
export interface PushPlace {
  readonly granularity: Granularity
  readonly range: Range
}

/**
 * Makes a store hold what the staging lake holds of a span: puts its rows, takes out only what an earlier staged version had and this one
 * lacks, reads back and compares. Twice is as once; after a crash between any two of its steps the same push mends everything.
 */
export async function pushSpan(target: PushTarget, place: PushPlace, options?: StoreOptions): Promise<Pushed> {
  const { kept, larger, ...change } = await planChange(target, place, options)
  const pushed = await pushChange(target, { ...place, ...change }, options)
  if (pushed.difference === undefined) await target.superseded.replace({ ...place, series: 'all' }, [])
  return { ...pushed, kept, larger }
}

/** Puts rows into a store and takes others out, reads back and compares. The rows are what the store can hold. */
export async function pushChange(
  target: Pick<PushTarget, 'store' | 'verify'>,
  change: Expectation,
  options?: StoreOptions,
): Promise<Receipt & Finding> {
  const { rows, bytes } = await apply(target.store, change, options)
  return { rows, bytes, ...(await findDifference(target, change, options)) }
}

interface Change extends Pick<Pushed, 'kept' | 'larger'> {
  readonly rows: RowBatch
  readonly gone: RowBatch
}

async function planChange(target: PushTarget, place: PushPlace, options?: StoreOptions): Promise<Change> {
  const { store, staging, superseded, existing } = target
  const { select, arrange } = rowKind(place.granularity)
  const normalise = (batch: RowBatch = arrange([])) => store.normalise?.(batch, place.granularity) ?? batch
  const rows = normalise(await spanRows(staging, place.granularity, place.range))
  const old = normalise(await spanRows(superseded, place.granularity, place.range))
  const matches = matchRows(old, rows)
  const gone = select(old, (_text, _time, row) => matches[row] < 0)
  if (existing === 'replace') return { rows, gone, kept: 0, larger: 0 }
  return lookFirst(target, { ...place, rows, old, gone }, options)
}

/** Leaves out of a change what the policy on existing rows says; rows that an earlier push has put are no such rows. */
async function lookFirst(
  { store, existing }: PushTarget,
  { granularity, range, rows, old, gone }: PushPlace & Record<'rows' | 'old' | 'gone', RowBatch>,
  options?: StoreOptions,
): Promise<Change> {
  const { select } = rowKind(granularity)
  const names = [...new Set([...rows.dictionary, ...gone.dictionary])]
  const stored = await readRows(store, { granularity, names }, { range, ...options })
  const [places, earlier, left] = [matchRows(rows, stored), matchRows(rows, old), matchRows(gone, stored)]
  const counts = { kept: 0, larger: 0 }
  const isPut = (row: number) => {
    const place = places[row]
    if (place < 0) return true
    if (sameRow(rows, row, [stored, place])) return false
    if (earlier[row] >= 0 && sameRow(stored, place, [old, earlier[row]])) return true
    const isLarger = countOf(stored, place) > countOf(rows, row)
    const isKept = existing === 'keep' || isLarger
    if (isLarger) counts.larger++
    if (isKept) counts.kept++
    return !isKept
  }
  const put = select(rows, (_text, _time, row) => isPut(row))
  const isOurs = (row: number) => left[row] >= 0 && sameRow(gone, row, [stored, left[row]])
  return { rows: put, gone: select(gone, (_text, _time, row) => isOurs(row)), ...counts }
}

async function apply(
  store: Store,
  { granularity, range, rows, gone }: Expectation,
  options?: StoreOptions,
): Promise<Receipt> {
  if (rows.length + gone.length === 0) return { rows: 0, bytes: 0 }
  if (store.patch) return store.patch({ granularity, rows, gone }, options)
  const series = new Set([...rows.dictionary, ...gone.dictionary])
  return store.replace({ granularity, range, series }, [rows], options)
}
