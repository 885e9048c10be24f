import type { Range, Time } from '../time/range.ts'
import { Kind, type PointBatch } from './points.ts'
import { cellNames, type RollupBatch } from './rollups.ts'

/** Rows of one granularity: points where it is `full`, rollups elsewhere. */
export type RowBatch = PointBatch | RollupBatch

/** Chooses among rows by the text of the series, the time and the number of the row. */
export type RowFilter = (text: string, time: Time, row: number) => boolean

export const isPoints = (batch: RowBatch): batch is PointBatch => 'value' in batch

/** Whether the times of all rows lie in a range. */
export function isWithin({ time }: RowBatch, { start, end }: Range): boolean {
  for (let i = 0; i < time.length; i++) if (!(time[i] >= start && time[i] < end)) return false
  return true
}

/** For each row of a batch the row of the same series and time in `others`, or -1. Both are in canonical order. */
export function matchRows(batch: RowBatch, others: RowBatch): Int32Array {
  const firstRows = firstRowsOf(others)
  const matches = new Int32Array(batch.length).fill(-1)
  let at = 0
  for (let i = 0; i < batch.length; i++) {
    const text = batch.dictionary[batch.series[i]]
    if (i === 0 || batch.series[i] !== batch.series[i - 1]) at = firstRows.get(text) ?? others.length
    while (isOf(others, at, text) && others.time[at] < batch.time[i]) at++
    if (isOf(others, at, text) && others.time[at] === batch.time[i]) matches[i] = at
  }
  return matches
}

interface RowPlace {
  readonly text: string
  readonly time: Time
}

/** The first row of a batch that `others` lack, or hold with fewer points; undefined where there is none. Both are in canonical order. */
export const firstLost = (batch: RowBatch, others: RowBatch): RowPlace | undefined =>
  firstWithout(batch, others, (row, match) => countOf(others, match) >= countOf(batch, row))

/** The first row of a batch that `others` lack, or hold otherwise; as {@link firstLost}. */
export const firstChanged = (batch: RowBatch, others: RowBatch): RowPlace | undefined =>
  firstWithout(batch, others, (row, match) => sameRow(batch, row, [others, match]))

function firstWithout(
  batch: RowBatch,
  others: RowBatch,
  suffices: (row: number, match: number) => boolean,
): RowPlace | undefined {
  const row = matchRows(batch, others).findIndex((match, i) => match < 0 || !suffices(i, match))
  return row < 0 ? undefined : { text: batch.dictionary[batch.series[row]], time: batch.time[row] }
}

function firstRowsOf({ length, dictionary, series }: RowBatch): Map<string, number> {
  const rows = new Map<string, number>()
  for (let i = 0; i < length; i++) if (i === 0 || series[i] !== series[i - 1]) rows.set(dictionary[series[i]], i)
  return rows
}

const isOf = ({ length, dictionary, series }: RowBatch, row: number, text: string): boolean =>
  row < length && dictionary[series[row]] === text

/** Whether row `i` of `a` and row `j` of `b` hold the same bit by bit, whatever their series; NaNs of any payload are equal. */
export function sameRow(a: RowBatch, i: number, [b, j]: readonly [RowBatch, number]): boolean {
  if (isPoints(a)) return isPoints(b) && a.time[i] === b.time[j] && Object.is(exactValue(a, i), exactValue(b, j))
  return !isPoints(b) && cellNames.every((name) => Object.is(a[name][i], b[name][j]))
}

/** The value of a point: an integer as a BigInt. */
const exactValue = ({ kind, value, wide }: PointBatch, i: number): number | bigint =>
  kind[i] === Kind.double ? value[i] : (wide?.[i] ?? BigInt(value[i]))

/** How many points a row stands for. */
export const countOf = (batch: RowBatch, row: number): number => (isPoints(batch) ? 1 : batch.count[row])
