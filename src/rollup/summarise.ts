import { Kind } from '../metric/points.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { addDouble, addInteger, createAverage } from './average.ts'
import { addHigh, addLow, createExtreme } from './extreme.ts'
import { averageOf, type RowWriter, rowWriter } from './row-writer.ts'
import type { Run } from './run.ts'

/**
 * What `mean` means: `exact` is sum / count; `blueflood` is Blueflood's running average, truncated for integers, and with it the
 * two-pass variance around those averages on coarser levels.
 */
export type MeanMode = 'exact' | 'blueflood'

/**
 * A function that summarises a run of at least one point into a row of `out`: count; sum left to right; mean; population variance
 * by Welford; min and max. Kinds follow Blueflood: min and max have the kind of the winning value, and `meanInt` is there when the
 * last value is an integer.
 */
export function summariser(out: RollupBatch, mode: MeanMode): (run: Run, row: number) => void {
  const writer = rowWriter(out)
  return (run, row) => {
    summariseMoments(run, out, row)
    if (isPlain(run)) summariseDoubles(run, out, row)
    else summariseKinds(run, writer, row)
    if (mode === 'blueflood') out.mean[row] = averageOf(averageRun(run))
  }
}

function summariseMoments({ length, values }: Run, out: RollupBatch, row: number): void {
  let sum = 0
  let mean = 0
  let squares = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]
    const distance = value - mean
    sum += value
    mean += distance / (i + 1)
    squares += distance * (value - mean)
  }
  out.count[row] = length
  out.sum[row] = sum
  out.mean[row] = sum / length
  out.variance[row] = squares / length
}

const isPlain = ({ length, kinds }: Run): boolean => {
  for (let i = 0; i < length; i++) if (kinds[i] !== Kind.double) return false
  return true
}

/** The short way for runs of doubles: no kinds to keep. */
function summariseDoubles({ length, values }: Run, out: RollupBatch, row: number): void {
  let min = values[0]
  let max = values[0]
  for (let i = 1; i < length; i++) {
    min = Math.min(min, values[i])
    max = Math.max(max, values[i])
  }
  out.min[row] = min
  out.max[row] = max
}

function summariseKinds(run: Run, writer: RowWriter, row: number): void {
  const low = createExtreme()
  const high = createExtreme()
  for (let i = 0; i < run.length; i++) {
    const isInteger = run.kinds[i] !== Kind.double
    const value = isInteger ? integerAt(run, i) : run.values[i]
    addLow(low, value, isInteger)
    addHigh(high, value, isInteger)
  }
  writer.mean(row, averageRun(run))
  writer.min(row, low)
  writer.max(row, high)
}

function averageRun(run: Run) {
  const average = createAverage()
  for (let i = 0; i < run.length; i++) {
    if (run.kinds[i] === Kind.double) addDouble(average, run.values[i])
    else addInteger(average, integerAt(run, i))
  }
  return average
}

/** The exact integer: a BigInt only where a double cannot hold it. */
const integerAt = ({ values, wide }: Run, index: number): number | bigint =>
  wide && !Number.isSafeInteger(values[index]) ? wide[index] : values[index]
