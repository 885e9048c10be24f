import { Kind, type PointBatch } from './points.ts'
import { type RollupBatch, statistics } from './rollups.ts'
import { isPoints, type RowBatch } from './rows.ts'

/** What can be told of rows without keeping them. */
export interface Summary {
  /** Points that the rows count. */
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** 16 hex digits: the same for the same rows, in any order, however they are cut into parts. */
  readonly hash: string
}

/** A summary that grows. */
export interface Tally {
  count: number
  sum: number
  min: number
  max: number
  /** Two halves of the hash, added up row by row. */
  readonly hash: Uint32Array
}

export const newTally = (): Tally => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  hash: new Uint32Array(2),
})

/** A tally of each series, by its text. */
export type SeriesTallies = Map<string, Tally>

/** Adds rows, or those of them that `isMeant`, to the tallies of their series. */
export function tallyRows(tallies: SeriesTallies, rows: RowBatch, isMeant = (_row: number): boolean => true): void {
  const hashRow = isPoints(rows) ? pointHasher(rows) : rollupHasher(rows)
  const numbers = isPoints(rows) ? { sum: rows.value, min: rows.value, max: rows.value } : rows
  for (let i = 0; i < rows.length; i++) {
    if (!isMeant(i)) continue
    const text = rows.dictionary[rows.series[i]]
    const tally = tallies.get(text) ?? newTally()
    tallies.set(text, tally)
    tally.count += isPoints(rows) ? 1 : rows.count[i]
    tally.sum += numbers.sum[i]
    tally.min = Math.min(tally.min, numbers.min[i])
    tally.max = Math.max(tally.max, numbers.max[i])
    hashRow(i, tally.hash)
  }
}

/** The tallies of the series of some rows. */
export function talliesOf(rows: RowBatch): SeriesTallies {
  const tallies: SeriesTallies = new Map()
  tallyRows(tallies, rows)
  return tallies
}

export function addTally(total: Tally, { count, sum, min, max, hash }: Tally): void {
  total.count += count
  total.sum += sum
  total.min = Math.min(total.min, min)
  total.max = Math.max(total.max, max)
  total.hash[0] += hash[0]
  total.hash[1] += hash[1]
}

export function addTallies(totals: SeriesTallies, more: SeriesTallies): void {
  for (const [text, tally] of more) {
    const total = totals.get(text) ?? newTally()
    totals.set(text, total)
    addTally(total, tally)
  }
}

export const summaryOf = ({ hash, ...numbers }: Tally): Summary => ({
  ...numbers,
  hash: Array.from(hash, (half) => half.toString(16).padStart(8, '0')).join(''),
})

/** The tally that a summary was made of. Numbers that are none are `null` where the summary comes out of JSON. */
export const tallyOf = ({ count, sum, min, max, hash }: Summary): Tally => ({
  count,
  sum: sum ?? Number.NaN,
  min: min ?? Number.NaN,
  max: max ?? Number.NaN,
  hash: Uint32Array.from([hash.slice(0, 8), hash.slice(8)], (half) => Number.parseInt(half, 16)),
})

/** Whether two summaries, of rows that were added up in the same order, are of the same rows; NaN is like NaN. */
export const sameSummary = (a: Summary, b: Summary): boolean =>
  Object.is(a.sum, b.sum) &&
  a.count === b.count &&
  Object.is(a.min, b.min) &&
  Object.is(a.max, b.max) &&
  a.hash === b.hash

/** Adds the hash of row `i` to `hash`. */
type RowHasher = (i: number, hash: Uint32Array) => void

/** Of the time and the exact value: an integer of any width is equal to a double of the same value. */
function pointHasher({ time, value, kind, wide }: PointBatch): RowHasher {
  const { numbers, add } = hasher(3)
  return (i, hash) => {
    const isWide = wide !== undefined && kind[i] !== Kind.double
    numbers[0] = time[i]
    numbers[1] = oneNaN(value[i])
    // What a double lacks of an integer beyond 2^53.
    numbers[2] = isWide ? Number(wide[i] - BigInt(value[i])) : 0
    add(hash)
  }
}

function rollupHasher(rows: RollupBatch): RowHasher {
  const { numbers, add } = hasher(statistics.length + 6)
  const integers = ['meanInt', 'minInt', 'maxInt'] as const
  const bits = new BigInt64Array(numbers.buffer)
  return (i, hash) => {
    numbers.set([rows.time[i], rows.count[i], rows.integer[i]])
    for (const [n, name] of statistics.entries()) numbers[3 + n] = oneNaN(rows[name][i])
    for (const [n, name] of integers.entries()) bits[3 + statistics.length + n] = rows[name][i]
    add(hash)
  }
}

const oneNaN = (value: number): number => (Number.isNaN(value) ? Number.NaN : value)

/**
 * MurmurHash3 (x86, 32 bits) of some doubles with two seeds.
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
function hasher(size: number) {
  const numbers = new Float64Array(size)
  const words = new Uint32Array(numbers.buffer)
  const digest = (seed: number): number => {
    let h = seed
    for (let i = 0; i < words.length; i++) {
      const k = Math.imul(words[i], 0xcc9e2d51)
      h ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593)
      h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
    }
    h ^= words.byteLength
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return h ^ (h >>> 16)
  }
  return {
    numbers,
    add(hash: Uint32Array) {
      hash[0] += digest(0)
      hash[1] += digest(0x9747b28c)
    },
  }
}
