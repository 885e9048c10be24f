import { sortByBytes } from '../util/bytes.ts'
import { Kind, type PointBatch } from './points.ts'
import type { RowFilter } from './rows.ts'

/**
 * Brings points into canonical order: a dictionary of just the series that have points, sorted by UTF-8 bytes; points by series, then
 * time. Of several points of one series and millisecond the last one stays, in the order of `parts` and of the points in them.
 */
export function arrangePoints(parts: readonly PointBatch[]): PointBatch {
  const dictionary = sortByBytes([...usedTexts(parts)])
  const arrived = concatenate(parts, dictionary)
  return pick(arrived, lastOfEach(arrived, sortByTime(arrived.time, groupBySeries(arrived))))
}

/** The points of `batch`, which is in canonical order, that `isWanted`; in canonical order again. */
export function selectArranged(batch: PointBatch, isWanted: RowFilter): PointBatch {
  const rows = new Uint32Array(batch.length)
  let length = 0
  for (let i = 0; i < batch.length; i++) {
    if (isWanted(batch.dictionary[batch.series[i]], batch.time[i], i)) rows[length++] = i
  }
  return length === batch.length ? batch : arrangePoints([pick(batch, rows.subarray(0, length))])
}

function usedTexts(parts: readonly PointBatch[]): Set<string> {
  const used = new Set<string>()
  for (const { dictionary, series, length } of parts) {
    const isUsed = new Uint8Array(dictionary.length)
    for (let i = 0; i < length; i++) isUsed[series[i]] = 1
    for (const [id, text] of dictionary.entries()) if (isUsed[id]) used.add(text)
  }
  return used
}

/** The points of all parts, one after another, with the ids of one dictionary. */
function concatenate(parts: readonly PointBatch[], dictionary: readonly string[]): PointBatch {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = allocatePoints(length, { input: parts[0]?.input ?? '', dictionary, isWide: parts.some(isWide) })
  const rankOf = new Map(dictionary.map((text, rank) => [text, rank]))
  let at = 0
  for (const part of parts) {
    const ranks = Uint32Array.from(part.dictionary, (text) => rankOf.get(text) ?? 0)
    for (let i = 0; i < part.length; i++) all.series[at + i] = ranks[part.series[i]]
    all.time.set(part.time, at)
    all.value.set(part.value, at)
    all.kind.set(part.kind, at)
    if (all.wide) all.wide.set(part.wide ?? exactIntegers(part), at)
    at += part.length
  }
  return all
}

const isWide = ({ wide }: PointBatch): boolean => wide !== undefined

/** What `wide` holds of a batch that does without it. */
const exactIntegers = ({ value, kind }: PointBatch): BigInt64Array =>
  BigInt64Array.from(value, (one, i) => (kind[i] === Kind.double ? 0n : BigInt(one)))

function allocatePoints(
  length: number,
  { input, dictionary, isWide }: Pick<PointBatch, 'input' | 'dictionary'> & { isWide: boolean },
): PointBatch {
  return {
    input,
    length,
    dictionary,
    series: new Uint32Array(length),
    time: new Float64Array(length),
    value: new Float64Array(length),
    kind: new Uint8Array(length),
    ...(isWide && { wide: new BigInt64Array(length) }),
  }
}

/** A counting sort: the places of the points of each series in order of arrival, series after series. */
function groupBySeries({ series, dictionary }: PointBatch): Uint32Array[] {
  const next = new Uint32Array(dictionary.length + 1)
  for (const id of series) next[id + 1]++
  for (let id = 0; id < dictionary.length; id++) next[id + 1] += next[id]
  const starts = next.slice()
  const places = new Uint32Array(series.length)
  for (let i = 0; i < series.length; i++) places[next[series[i]]++] = i
  return dictionary.map((_text, id) => places.subarray(starts[id], starts[id + 1]))
}

/** Sorts each group in place, where it is not sorted already; points of one time stay in order of arrival. */
function sortByTime(time: Float64Array, groups: readonly Uint32Array[]): readonly Uint32Array[] {
  for (const places of groups) {
    if (places.some((place, i) => i > 0 && time[place] < time[places[i - 1]]))
      places.sort((a, b) => time[a] - time[b] || a - b)
  }
  return groups
}

function lastOfEach({ length, time }: PointBatch, groups: readonly Uint32Array[]): Uint32Array {
  const kept = new Uint32Array(length)
  let count = 0
  for (const places of groups) {
    for (let i = 0; i < places.length; i++) {
      if (i + 1 === places.length || time[places[i]] !== time[places[i + 1]]) kept[count++] = places[i]
    }
  }
  return kept.subarray(0, count)
}

function pick(batch: PointBatch, rows: Uint32Array): PointBatch {
  const { input, dictionary, wide } = batch
  const out = allocatePoints(rows.length, { input, dictionary, isWide: isWide(batch) })
  for (const name of ['series', 'time', 'value', 'kind'] as const)
    for (let i = 0; i < rows.length; i++) out[name][i] = batch[name][rows[i]]
  if (wide && out.wide) for (let i = 0; i < rows.length; i++) out.wide[i] = wide[rows[i]]
  return out
}
