import { contains, type Range, type Time } from '../time/range.ts'
import { sortByBytes } from '../util/bytes.ts'
import { allocateRollups, type RollupBatch } from './rollups.ts'

/**
 * Brings rollups into canonical order: a dictionary of just the series that have rows, sorted by UTF-8 bytes; rows by series, then
 * time. `parts` come in time order: no row of a part is earlier than one of the same series in a part before it.
 */
export function arrange(parts: readonly RollupBatch[]): RollupBatch {
  const { dictionary, ranks } = unite(parts)
  const places = placesOf(parts, ranks, dictionary.length)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = allocateRollups(length, dictionary)
  for (const [p, part] of parts.entries()) {
    scatter(part, out, places[p])
    const rank = ranks[p]
    for (let i = 0; i < part.length; i++) out.series[places[p][i]] = rank[part.series[i]]
  }
  return out
}

/** The rows of `batch`, which is in canonical order, that `isWanted`; in canonical order again. */
export function selectRows(batch: RollupBatch, isWanted: (text: string, time: Time) => boolean): RollupBatch {
  const rows: number[] = []
  for (let i = 0; i < batch.length; i++) {
    if (isWanted(batch.dictionary[batch.series[i]], batch.time[i])) rows.push(i)
  }
  return rows.length === batch.length ? batch : arrange([select(batch, Uint32Array.from(rows))])
}

/** The rows of `batch`, which is in canonical order, whose slots lie in `range`. */
export const within = (batch: RollupBatch, range: Range): RollupBatch =>
  selectRows(batch, (_text, time) => contains(range, time))

/** The sorted union of the dictionaries' used texts, and for each part the rank of every id of its own dictionary. */
function unite(parts: readonly RollupBatch[]): { dictionary: string[]; ranks: Uint32Array[] } {
  const used = new Set<string>()
  for (const part of parts) for (const id of usedIds(part)) used.add(part.dictionary[id])
  const dictionary = sortByBytes([...used])
  const rankOf = new Map(dictionary.map((text, rank) => [text, rank]))
  const byDictionary = new Map<readonly string[], Uint32Array>()
  const ranks = parts.map((part) => {
    const known = byDictionary.get(part.dictionary)
    const rank = known ?? Uint32Array.from(part.dictionary, (text) => rankOf.get(text) ?? 0)
    byDictionary.set(part.dictionary, rank)
    return rank
  })
  return { dictionary, ranks }
}

function usedIds({ dictionary, series, length }: RollupBatch): number[] {
  const isUsed = new Uint8Array(dictionary.length)
  const ids: number[] = []
  for (let i = 0; i < length; i++) {
    if (isUsed[series[i]]) continue
    isUsed[series[i]] = 1
    ids.push(series[i])
  }
  return ids
}

/** A counting sort: the row that each row of each part goes to. */
function placesOf(parts: readonly RollupBatch[], ranks: readonly Uint32Array[], size: number): Uint32Array[] {
  const next = new Uint32Array(size + 1)
  for (const [p, part] of parts.entries()) {
    for (let i = 0; i < part.length; i++) next[ranks[p][part.series[i]] + 1]++
  }
  for (let rank = 0; rank < size; rank++) next[rank + 1] += next[rank]
  return parts.map((part, p) => {
    const places = new Uint32Array(part.length)
    for (let i = 0; i < part.length; i++) places[i] = next[ranks[p][part.series[i]]]++
    return places
  })
}

const doubles = ['time', 'count', 'sum', 'mean', 'variance', 'min', 'max'] as const
const integers = ['meanInt', 'minInt', 'maxInt'] as const

function scatter(from: RollupBatch, to: RollupBatch, places: Uint32Array): void {
  for (const name of doubles) {
    const source = from[name]
    const target = to[name]
    for (let i = 0; i < places.length; i++) target[places[i]] = source[i]
  }
  for (let i = 0; i < places.length; i++) {
    const kinds = from.integer[i]
    if (kinds === 0) continue
    to.integer[places[i]] = kinds
    for (const name of integers) to[name][places[i]] = from[name][i]
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
