import { bytesOfArray } from '../util/memory.ts'
import { type RollupBatch, statistics } from './rollups.ts'
import { isPoints, type RowBatch, sameRow } from './rows.ts'

const columns = ['series', 'time', 'count', ...statistics, 'integer', 'meanInt', 'minInt', 'maxInt'] as const

/** Whether two batches in canonical order hold the same rows bit by bit, NaNs of any payload being equal. */
export function sameRows(a: RowBatch, b: RowBatch): boolean {
  if (a.length !== b.length) return false
  return isPoints(a) || isPoints(b) ? sameSample(a, b, a.length) : sameRollups(a, b)
}

const sameRollups = (a: RollupBatch, b: RollupBatch): boolean =>
  a.dictionary.length === b.dictionary.length &&
  a.dictionary.every((text, i) => text === b.dictionary[i]) &&
  columns.every((name) => sameBytes(a[name], b[name]) || sameValues(a[name], b[name]))

/** Whether up to `sample` rows, evenly spread, are the same in two batches of one length. */
export function sameSample(a: RowBatch, b: RowBatch, sample: number): boolean {
  const step = Math.max(1, a.length / sample)
  for (let at = 0; at < a.length; at += step) if (!isSameRow(a, b, Math.floor(at))) return false
  return true
}

const isSameRow = (a: RowBatch, b: RowBatch, row: number): boolean =>
  a.dictionary[a.series[row]] === b.dictionary[b.series[row]] && sameRow(a, row, [b, row])

type Column = RollupBatch[(typeof columns)[number]]

const sameBytes = (a: Column, b: Column): boolean => bytesOfArray(a).equals(bytesOfArray(b))

function sameValues(a: Column, b: Column): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return a.length === b.length
}
