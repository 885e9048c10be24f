import { matchRows, type RowBatch, sameRow } from '../metric/rows.ts'
import { type SeriesTallies, tallyRows } from '../metric/summary.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { RowQuery, Store, StoreOptions } from '../store/store.ts'
import type { Granularity } from '../time/granularity.ts'
import { formatTime, type Range } from '../time/range.ts'
import { arrayOf } from '../util/array.ts'
import type { Verification } from './context.ts'

/** What a store should hold of a range: some rows, and others not. */
export interface Expectation {
  readonly granularity: Granularity
  readonly range: Range
  readonly rows: RowBatch
  readonly gone: RowBatch
}

/** What reading back has come to: rows found equal, and what differs if anything does. */
export interface Finding {
  readonly verified: number
  readonly difference?: string
  /** What was to be there of each series that was looked at, and what is. */
  readonly read: SeriesTallies
  readonly found: SeriesTallies
}

/** Of a sample at least so many rows of a span are read back, as far as there are so many. */
const sampleSize = 1_000
/** Series that are read back at once. */
const groupSize = 1_000

/**
 * Reads back what a store holds of an expectation and compares: all of it, or all rows of series that are evenly spread. Rows that the
 * expectation does not speak of are nobody's business.
 */
export async function findDifference(
  { store, verify }: { store: Store; verify: Verification },
  expected: Expectation,
  options?: StoreOptions,
): Promise<Finding> {
  const sides = { read: new Map(), found: new Map() }
  if (verify === 'none') return { verified: 0, ...sides }
  const { rows, gone } = expected
  const chosen = verify === 'full' ? rows.dictionary : spreadSeries(rows, sampleSize)
  const names = [...new Set([...chosen, ...gone.dictionary])]
  const differences: string[] = []
  let verified = 0
  for (let at = 0; at < names.length; at += groupSize) {
    const group = new Set(names.slice(at, at + groupSize))
    const found = await compareGroup(store, { ...expected, group, ...sides }, options)
    verified += found.equal
    for (const difference of found.differences) differences.push(difference)
  }
  return { verified, difference: summed(differences), ...sides }
}

/** The first of some differences, and how many more there are. */
export const summed = ([first, ...more]: readonly string[]): string | undefined =>
  first === undefined || more.length === 0 ? first : `${first}, and ${more.length} more`

interface Group extends Pick<Finding, 'read' | 'found'> {
  readonly group: ReadonlySet<string>
}

/** Compares some series, and adds them up on both sides. */
async function compareGroup(
  store: Store,
  { granularity, range, rows, gone, group, read, found }: Expectation & Group,
  options?: StoreOptions,
): Promise<{ equal: number; differences: string[] }> {
  const { select } = rowKind(granularity)
  const stored = await readRows(store, { granularity, names: [...group] }, { range, ...options })
  const wanted = select(rows, (text) => group.has(text))
  const places = matchRows(wanted, stored)
  const differences = findDifferentRows(wanted, stored, places)
  const equal = wanted.length - differences.length
  const unwanted = select(gone, (text) => group.has(text))
  const stale = matchRows(unwanted, stored)
  for (const [i, j] of stale.entries()) if (j >= 0) differences.push(`${nameRow(unwanted, i)} is still there`)
  const told = new Set([...places, ...stale])
  tallyRows(read, wanted)
  tallyRows(found, stored, (row) => told.has(row))
  return { equal, differences }
}

/** What is to be said of rows that are missing among others, or are not what they should be. */
export function findDifferentRows(
  wanted: RowBatch,
  stored: RowBatch,
  places: Int32Array = matchRows(wanted, stored),
): string[] {
  const differences: string[] = []
  for (const [i, j] of places.entries()) {
    if (j < 0) differences.push(`${nameRow(wanted, i)} is missing`)
    else if (!sameRow(wanted, i, [stored, j])) differences.push(`${nameRow(wanted, i)} is not what was written`)
  }
  return differences
}

/** The rows of a store in canonical order. */
export async function readRows(
  store: Store,
  query: RowQuery,
  { range, ...options }: StoreOptions & { range: Range },
): Promise<RowBatch> {
  return rowKind(query.granularity).merge(await arrayOf(store.read(query, range, options)))
}

const nameRow = ({ dictionary, series, time }: RowBatch, row: number): string =>
  `${dictionary[series[row]]} at ${formatTime(time[row])}`

/** Evenly spread series that have at least `least` rows together, as far as there are so many. */
function spreadSeries({ length, dictionary, series }: RowBatch, least: number): string[] {
  const counts = new Uint32Array(dictionary.length)
  for (let i = 0; i < length; i++) counts[series[i]]++
  const stride = Math.max(1, Math.floor(length / least))
  const chosen: string[] = []
  let rows = 0
  for (let offset = 0; offset < stride; offset++) {
    for (let id = offset; id < dictionary.length && rows < least; id += stride) {
      chosen.push(dictionary[id])
      rows += counts[id]
    }
  }
  return chosen
}
