import { contains, type Range } from '../time/range.ts'
import { isSortedByBytes, sortByBytes } from '../util/bytes.ts'
import { int64Column } from './int64.ts'
import { allocateRollups, type RollupBatch } from './rollups.ts'
import { isWithin, type RowFilter } from './rows.ts'

/**
 * Brings rollups into canonical order: a dictionary of just the series that have rows, sorted by UTF-8 bytes; rows by series, then
 * time. `parts` come in time order: no row of a part is earlier than one of the same series in a part before it.
 * A part that is alone and in order already is given back.
 */
export function arrange(parts: readonly RollupBatch[]): RollupBatch {
  if (parts.length === 1 && isArranged(parts[0])) return parts[0]
  const { dictionary, ranks } = unite(parts)
  const places = placesOf(parts, ranks, dictionary.length)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = allocateRollups(length, dictionary)
  for (const [p, part] of parts.entries()) {
    scatter(part, out, places[p])
    scatterSeries(part, out.series, { places: places[p], ranks: ranks[p] })
  }
  return knownArranged(out)
}

const arranged = new WeakSet<RollupBatch>()

/** Rows that were made in canonical order: nobody need look whether they are. */
export function knownArranged(rows: RollupBatch): RollupBatch {
  arranged.add(rows)
  return rows
}

function isArranged(rows: RollupBatch): boolean {
  const { length, dictionary, series, time } = rows
  if (arranged.has(rows)) return true
  let last = -1
  for (let i = 0; i < length; i++) {
    const step = series[i] - last
    if (step !== 1 && (step !== 0 || time[i] < time[i - 1])) return false
    last = series[i]
  }
  return last === dictionary.length - 1 && isSortedByBytes(dictionary)
}

/** Brings rollups that come in any order into canonical order. Of several rows of one series and slot the one of the last part stays. */
export function mergeRollups(parts: readonly RollupBatch[]): RollupBatch {
  const all = arrange(parts)
  const { series, time } = all
  const order = Uint32Array.from(series, (_, i) => i).sort(
    (a, b) => series[a] - series[b] || time[a] - time[b] || a - b,
  )
  const isLast = (row: number, i: number) => series[row] !== series[order[i + 1]] || time[row] !== time[order[i + 1]]
  return select(all, order.filter(isLast))
}

/** The rows of `batch`, which is in canonical order, that `isWanted`; in canonical order again. */
export function selectRows(batch: RollupBatch, isWanted: RowFilter): RollupBatch {
  const { length, dictionary, series, time } = batch
  const rows = new Uint32Array(length)
  let found = 0
  for (let i = 0; i < length; i++) if (isWanted(dictionary[series[i]], time[i], i)) rows[found++] = i
  return found === length ? batch : arrange([select(batch, rows.subarray(0, found))])
}

/** The rows of `batch`, which is in canonical order, whose slots lie in `range`. */
export const within = (batch: RollupBatch, range: Range): RollupBatch =>
  isWithin(batch, range) ? batch : selectRows(batch, (_text, time) => contains(range, time))

/** The sorted union of the dictionaries' used texts, and for each part the rank of every id of its own dictionary. */
function unite(parts: readonly RollupBatch[]): { dictionary: string[]; ranks: Uint32Array[] } {
  const used = findUsed(parts)
  const [[only, isUsed] = []] = used
  if (only && isUsed && used.size === 1 && isSortedByBytes(only)) return compact(only, isUsed, parts.length)
  const texts = Array.from(used, ([dictionary, isUsed]) => dictionary.filter((_, id) => isUsed[id] === 1))
  const dictionary = sortByBytes([...new Set(texts.flat())])
  const rankOf = new Map(dictionary.map((text, rank) => [text, rank]))
  const byDictionary = new Map<readonly string[], Uint32Array>()
  for (const texts of used.keys()) {
    byDictionary.set(
      texts,
      Uint32Array.from(texts, (text) => rankOf.get(text) ?? 0),
    )
  }
  return { dictionary, ranks: parts.map((part) => byDictionary.get(part.dictionary) as Uint32Array) }
}

/** The texts of a sorted dictionary that are used. */
function compact(texts: readonly string[], isUsed: Uint8Array, partCount: number) {
  const ranks = new Uint32Array(texts.length)
  let rank = 0
  for (let id = 0; id < texts.length; id++) if (isUsed[id] === 1) ranks[id] = rank++
  const dictionary = texts.filter((_, id) => isUsed[id] === 1)
  return { dictionary, ranks: Array.from({ length: partCount }, () => ranks) }
}

/** Which ids of each dictionary have rows: 1 for those. */
function findUsed(parts: readonly RollupBatch[]): Map<readonly string[], Uint8Array> {
  const found = new Map<readonly string[], Uint8Array>()
  for (const { dictionary, series, length } of parts) {
    const isUsed = found.get(dictionary) ?? new Uint8Array(dictionary.length)
    found.set(dictionary, isUsed)
    for (let i = 0; i < length; i++) isUsed[series[i]] = 1
  }
  return found
}

/** A counting sort: the row that each row of each part goes to. */
function placesOf(parts: readonly RollupBatch[], ranks: readonly Uint32Array[], size: number): Uint32Array[] {
  const next = new Uint32Array(size + 1)
  for (const [p, { series }] of parts.entries()) countRows(series, ranks[p], next)
  for (let rank = 0; rank < size; rank++) next[rank + 1] += next[rank]
  return parts.map(({ series }, p) => takePlaces(series, ranks[p], next))
}

/** Counts the rows of each rank at the rank behind it. */
function countRows(series: Uint32Array, ranks: Uint32Array, counts: Uint32Array): void {
  for (let i = 0; i < series.length; i++) counts[ranks[series[i]] + 1]++
}

function takePlaces(series: Uint32Array, ranks: Uint32Array, next: Uint32Array): Uint32Array {
  const places = new Uint32Array(series.length)
  for (let i = 0; i < places.length; i++) places[i] = next[ranks[series[i]]]++
  return places
}

const doubles = ['time', 'count', 'sum', 'mean', 'variance', 'min', 'max'] as const
const integers = ['meanInt', 'minInt', 'maxInt'] as const

function scatter(from: RollupBatch, to: RollupBatch, places: Uint32Array): void {
  for (const name of doubles) scatterDoubles(from[name], to[name], places)
  scatterBytes(from.integer, to.integer, places)
  for (const name of integers) scatterIntegers(int64Column(from[name]).words, int64Column(to[name]).words, places)
}

function scatterSeries(
  { series }: RollupBatch,
  to: Uint32Array,
  { places, ranks }: { places: Uint32Array; ranks: Uint32Array },
): void {
  for (let i = 0; i < places.length; i++) to[places[i]] = ranks[series[i]]
}

function scatterDoubles(from: Float64Array, to: Float64Array, places: Uint32Array): void {
  for (let i = 0; i < places.length; i++) to[places[i]] = from[i]
}

function scatterBytes(from: Uint8Array, to: Uint8Array, places: Uint32Array): void {
  for (let i = 0; i < places.length; i++) to[places[i]] = from[i]
}

function scatterIntegers(from: Int32Array, to: Int32Array, places: Uint32Array): void {
  for (let i = 0; i < places.length; i++) {
    to[2 * places[i]] = from[2 * i]
    to[2 * places[i] + 1] = from[2 * i + 1]
  }
}

function select(batch: RollupBatch, rows: Uint32Array): RollupBatch {
  const out = allocateRollups(rows.length, batch.dictionary)
  for (const name of doubles) for (let i = 0; i < rows.length; i++) out[name][i] = batch[name][rows[i]]
  for (const name of integers) for (let i = 0; i < rows.length; i++) out[name][i] = batch[name][rows[i]]
  for (let i = 0; i < rows.length; i++) {
    out.series[i] = batch.series[rows[i]]
    out.integer[i] = batch.integer[rows[i]]
  }
  return out
}
