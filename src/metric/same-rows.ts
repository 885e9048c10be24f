import { type RollupBatch, statistics } from './rollups.ts'

/** Whether up to `sample` rows, evenly spread, are the same bit by bit in two batches in canonical order. */
export function sameRows(a: RollupBatch, b: RollupBatch, sample = Number.POSITIVE_INFINITY): boolean {
  if (a.length !== b.length) return false
  const step = Math.max(1, a.length / sample)
  for (let at = 0; at < a.length; at += step) if (!isSameRow(a, b, Math.floor(at))) return false
  return true
}

const isSameRow = (a: RollupBatch, b: RollupBatch, row: number): boolean =>
  a.dictionary[a.series[row]] === b.dictionary[b.series[row]] &&
  a.time[row] === b.time[row] &&
  a.count[row] === b.count[row] &&
  a.integer[row] === b.integer[row] &&
  statistics.every((name) => Object.is(a[name][row], b[name][row])) &&
  a.meanInt[row] === b.meanInt[row] &&
  a.minInt[row] === b.minInt[row] &&
  a.maxInt[row] === b.maxInt[row]
