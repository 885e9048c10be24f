import { mergeRollups } from '../../src/metric/arrange.ts'
import { linesOfPoints } from '../../src/metric/lines.ts'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { allocateRollups, Integer, type RollupBatch } from '../../src/metric/rollups.ts'
import { coarsen } from '../../src/rollup/coarsen.ts'
import type { MeanMode } from '../../src/rollup/mean-mode.ts'
import { openSlots } from '../../src/rollup/slots.ts'
import { type Granularity, min5, min20 } from '../../src/time/granularity.ts'

/** A value of a point: a BigInt is an integer, a number a double. */
export type Value = number | bigint

/** One rollup row, in plain values. */
export interface Summary {
  readonly count: number
  readonly sum: number
  readonly mean: number
  readonly variance: number
  readonly min: Value
  readonly max: Value
  /** Blueflood's integer average, where it is one. */
  readonly average: bigint | undefined
}

/** Points of one series, a millisecond apart. */
function pointsOf(values: readonly Value[], start: number): PointBatch {
  const { length } = values
  const isWide = values.some((value) => typeof value === 'bigint' && !Number.isSafeInteger(Number(value)))
  return {
    input: 'test',
    length,
    dictionary: ['s'],
    series: new Uint32Array(length),
    time: Float64Array.from(values, (_, i) => start + i),
    value: Float64Array.from(values, Number),
    kind: Uint8Array.from(values, (value) => (typeof value === 'bigint' ? Kind.int64 : Kind.double)),
    wide: isWide ? BigInt64Array.from(values, (value) => (typeof value === 'bigint' ? value : 0n)) : undefined,
  }
}

/** 5m rollups of one series, one for each group of points, in slots that follow one another; an empty group gives a row that counts nothing. */
export function rollUp(groups: readonly (readonly Value[])[], mode: MeanMode): RollupBatch {
  const slots = openSlots(min5, mode)
  const empty: RollupBatch[] = []
  for (const [i, values] of groups.entries()) {
    const start = i * min5.size
    const batch = linesOfPoints(pointsOf(values, start))
    if (values.length > 0) slots.add(slots.open(start), { batch, from: 0, to: values.length })
    else empty.push({ ...allocateRollups(1, ['s']), time: Float64Array.of(start) })
  }
  const rows = slots.finish().whole()
  slots.discard()
  return mergeRollups([rows, ...empty])
}

export const summaryOf = (batch: RollupBatch, row = 0): Summary => ({
  count: batch.count[row],
  sum: batch.sum[row],
  mean: batch.mean[row],
  variance: batch.variance[row],
  min: batch.integer[row] & Integer.min ? batch.minInt[row] : batch.min[row],
  max: batch.integer[row] & Integer.max ? batch.maxInt[row] : batch.max[row],
  average: batch.integer[row] & Integer.mean ? batch.meanInt[row] : undefined,
})

/** What points come to. */
export const summarise = (values: readonly Value[], mode: MeanMode = 'exact'): Summary =>
  summaryOf(rollUp([values], mode))

/** What groups of points come to, each rolled up first. */
export const coarsenGroups = (
  groups: readonly (readonly Value[])[],
  mode: MeanMode = 'exact',
  granularity: Granularity = min20,
): Summary => summaryOf(coarsen(rollUp(groups, mode), granularity, mode))

/** Count, exact sum and exact variance of doubles that are whole multiples of 2^-20, by rational arithmetic. */
export function exactMoments(values: readonly Value[]) {
  const scaled = values.map((value) => (typeof value === 'bigint' ? value << 20n : BigInt(value * 2 ** 20)))
  const n = BigInt(values.length)
  const sum = scaled.reduce((total, value) => total + value, 0n)
  const squares = scaled.reduce((total, value) => total + value * value, 0n)
  const absolute = scaled.reduce((total, value) => total + (value < 0n ? -value : value), 0n)
  return {
    sum: ratio(sum, 1n << 20n),
    absolute: ratio(absolute, 1n << 20n),
    mean: ratio(sum, n << 20n),
    variance: ratio(n * squares - sum * sum, (n * n) << 40n),
  }
}

/** A quotient of integers as a double, to within one unit in the last place. */
const ratio = (a: bigint, b: bigint): number => Number((a << 128n) / b) / 2 ** 128
