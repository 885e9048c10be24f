import { arrange } from '../../src/metric/arrange.ts'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { allocateRollups, type RollupBatch, statistics } from '../../src/metric/rollups.ts'
import type { RowBatch } from '../../src/store/store.ts'
import type { Time } from '../../src/time/range.ts'
import { compareBytes } from '../../src/util/bytes.ts'

/** A row of any store: a point, or a rollup all of whose statistics are this value. A BigInt is an integer. */
export type Row = readonly [series: string, time: Time, value: number | bigint]

/** In the order in which stores take and give rows. */
export const sorted = (rows: readonly Row[]): Row[] =>
  [...rows].sort(([a, at], [b, bt]) => compareBytes(a, b) || at - bt)

const allInteger = 7

/** Rows as a batch of rollups in canonical order. */
export function rollupsOf(rows: readonly Row[]): RollupBatch {
  const inTime = [...rows].sort(([, a], [, b]) => a - b)
  const batch = allocateRollups(
    rows.length,
    inTime.map(([series]) => series),
  )
  for (const [i, [, time, value]] of inTime.entries()) {
    batch.series[i] = i
    batch.time[i] = time
    batch.count[i] = countOf(time)
    for (const name of statistics) batch[name][i] = Number(value)
    if (typeof value === 'number') continue
    batch.integer[i] = allInteger
    for (const name of ['meanInt', 'minInt', 'maxInt'] as const) batch[name][i] = value
  }
  return arrange([batch])
}

const countOf = (time: Time): number => 1 + Math.abs(time / 60_000)

/** Rows as a batch of points. */
export function pointsOf(rows: readonly Row[]): PointBatch {
  const inOrder = sorted(rows)
  const dictionary = [...new Set(inOrder.map(([series]) => series))]
  const ids = new Map(dictionary.map((text, id) => [text, id]))
  return {
    input: 'test',
    length: rows.length,
    dictionary,
    series: Uint32Array.from(inOrder, ([series]) => ids.get(series) ?? 0),
    time: Float64Array.from(inOrder, ([, time]) => time),
    value: Float64Array.from(inOrder, ([, , value]) => Number(value)),
    kind: Uint8Array.from(inOrder, ([, , value]) => (typeof value === 'bigint' ? Kind.int64 : Kind.double)),
    wide: BigInt64Array.from(inOrder, ([, , value]) => (typeof value === 'bigint' ? value : 0n)),
  }
}

/** The rows of a batch; a rollup must agree with itself in every column. */
export const rowsOf = (batch: RowBatch): Row[] =>
  Array.from({ length: batch.length }, (_, i) => {
    const series = batch.dictionary[batch.series[i]]
    return [series, batch.time[i], 'value' in batch ? pointValue(batch, i) : rollupValue(batch, i)]
  })

const pointValue = ({ kind, wide, value }: PointBatch, i: number): number | bigint =>
  kind[i] === Kind.double ? value[i] : (wide?.[i] ?? BigInt(value[i]))

function rollupValue(batch: RollupBatch, i: number): number | bigint {
  const { sum, integer, meanInt, minInt, maxInt, count, time } = batch
  const isWhole =
    statistics.every((name) => Object.is(batch[name][i], sum[i])) &&
    count[i] === countOf(time[i]) &&
    meanInt[i] === minInt[i] &&
    meanInt[i] === maxInt[i] &&
    (integer[i] === 0 || integer[i] === allInteger)
  if (!isWhole) throw new Error(`row ${i} of ${batch.dictionary[batch.series[i]]} is not as it was made`)
  return integer[i] === 0 ? sum[i] : meanInt[i]
}
