import { getInteger, type Int64Column, int64Column } from '../metric/int64.ts'
import { allocateRollups, Integer, type RollupBatch } from '../metric/rollups.ts'
import { type Granularity, slotOf } from '../time/granularity.ts'
import { type Average, addDouble, addInteger, createAverage } from './average.ts'
import { addHigh, addLow, createExtreme } from './extreme.ts'
import type { MeanMode } from './mean-mode.ts'
import { averageOf, type RowWriter, rowWriter } from './row-writer.ts'

/**
 * Rolls rollups up to a coarser granularity, whose slots the finer ones must tile. Rows come grouped by series, time ascending
 * inside one, and go out so. Counts and sums add; rows of count 0 are ignored; never an average of averages. Variance: `exact` by the
 * pairwise formula (Chan, Golub, LeVeque 1979), `blueflood` in two passes around Blueflood's averages.
 */
export function coarsen(finer: RollupBatch, granularity: Granularity, mode: MeanMode): RollupBatch {
  const groups = groupRows(finer, granularity)
  const out = allocateRollups(groups.length - 1, finer.dictionary)
  const merge = merger(finer, out, mode)
  for (let row = 0; row + 1 < groups.length; row++) {
    out.series[row] = finer.series[groups[row]]
    out.time[row] = slotOf(granularity, finer.time[groups[row]])
    merge({ start: groups[row], end: groups[row + 1] }, row)
  }
  return out
}

/** First rows of the groups that make one coarser row each, and the end. */
function groupRows({ length, series, time, count }: RollupBatch, granularity: Granularity): Uint32Array {
  const starts = new Uint32Array(length + 1)
  let groups = 0
  let slot = Number.NaN
  for (let i = 0; i < length; i++) {
    if (count[i] === 0) continue
    const next = slotOf(granularity, time[i])
    if (next !== slot || series[i] !== series[starts[groups - 1]]) starts[groups++] = i
    slot = next
  }
  starts[groups] = length
  return starts.subarray(0, groups + 1)
}

interface Rows {
  readonly start: number
  readonly end: number
}

function merger(finer: RollupBatch, out: RollupBatch, mode: MeanMode): (rows: Rows, row: number) => void {
  const integers: Integers = {
    mean: int64Column(finer.meanInt),
    min: int64Column(finer.minInt),
    max: int64Column(finer.maxInt),
  }
  const writer = rowWriter(out)
  return (rows, row) => {
    mergeExact(finer, rows, { out, row })
    const keepsKinds = anyInteger(finer, rows)
    if (keepsKinds) mergeKinds({ finer, integers }, rows, { writer, row })
    if (!keepsKinds && mode === 'exact') return
    const average = averageRows({ finer, integers }, rows)
    if (keepsKinds) writer.mean(row, average)
    if (mode === 'exact') return
    out.mean[row] = averageOf(average)
    out.variance[row] = twoPassVariance(finer, rows)
  }
}

interface Integers {
  readonly mean: Int64Column
  readonly min: Int64Column
  readonly max: Int64Column
}

interface Input {
  readonly finer: RollupBatch
  readonly integers: Integers
}

function mergeExact(finer: RollupBatch, { start, end }: Rows, { out, row }: { out: RollupBatch; row: number }): void {
  let count = 0
  let sum = 0
  let squares = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = start; i < end; i++) {
    const more = finer.count[i]
    if (more === 0) continue
    const distance = count === 0 ? 0 : finer.sum[i] / more - sum / count
    squares += finer.variance[i] * more + distance * distance * ((count * more) / (count + more))
    count += more
    sum += finer.sum[i]
    min = Math.min(min, finer.min[i])
    max = Math.max(max, finer.max[i])
  }
  out.count[row] = count
  out.sum[row] = sum
  out.mean[row] = sum / count
  out.variance[row] = squares / count
  out.min[row] = min
  out.max[row] = max
}

function anyInteger({ integer }: RollupBatch, { start, end }: Rows): boolean {
  for (let i = start; i < end; i++) if (integer[i] !== 0) return true
  return false
}

function mergeKinds({ finer, integers }: Input, { start, end }: Rows, to: { writer: RowWriter; row: number }): void {
  const low = createExtreme()
  const high = createExtreme()
  for (let i = start; i < end; i++) {
    if (finer.count[i] === 0) continue
    const minIsInteger = (finer.integer[i] & Integer.min) !== 0
    const maxIsInteger = (finer.integer[i] & Integer.max) !== 0
    addLow(low, minIsInteger ? getInteger(integers.min, i) : finer.min[i], minIsInteger)
    addHigh(high, maxIsInteger ? getInteger(integers.max, i) : finer.max[i], maxIsInteger)
  }
  to.writer.min(to.row, low)
  to.writer.max(to.row, high)
}

/**
 * Blueflood adds each finer average as often as it has points: by the integer rule while both sides are integers, else the finer
 * average's double field, which is 0 where that average was stored as an integer.
 */
function averageRows({ finer, integers }: Input, { start, end }: Rows): Average {
  const average = createAverage()
  for (let i = start; i < end; i++) {
    const isInteger = (finer.integer[i] & Integer.mean) !== 0
    if (average.isInteger && isInteger) repeat(finer.count[i], () => addInteger(average, getInteger(integers.mean, i)))
    else repeat(finer.count[i], () => addDouble(average, isInteger ? 0 : finer.mean[i]))
  }
  return average
}

function repeat(times: number, step: () => void): void {
  for (let n = 0; n < times; n++) step()
}

/** Population variance around Blueflood's averages: `(Σ n·var + Σ n·(avg − G)²) / N` with `G = Σ n·avg / N`. */
function twoPassVariance({ count, mean, variance }: RollupBatch, { start, end }: Rows): number {
  let points = 0
  let grand = 0
  for (let i = start; i < end; i++) {
    points += count[i]
    grand += count[i] * mean[i]
  }
  grand /= points
  let within = 0
  let between = 0
  for (let i = start; i < end; i++) {
    const distance = mean[i] - grand
    within += count[i] * variance[i]
    between += count[i] * (distance * distance)
  }
  return (within + between) / points
}
