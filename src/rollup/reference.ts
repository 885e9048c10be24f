import { getInteger, int64Column } from '../metric/int64.ts'
import { Integer, type RollupBatch } from '../metric/rollups.ts'
import { type Granularity, slotOf } from '../time/granularity.ts'
import { coarsen } from './coarsen.ts'
import { addHigh, addLow, createExtreme } from './extreme.ts'
import { rowWriter } from './row-writer.ts'

/**
 * Rolls rollups up as `coarsen` does with Blueflood's averages, and as Blueflood does to the bit where rows count nothing: their minimum
 * and maximum, integers of 0, take part. Slots that count nothing still make no row.
 */
export function coarsenLikeBlueflood(finer: RollupBatch, granularity: Granularity): RollupBatch {
  const out = coarsen(finer, granularity, 'blueflood')
  if (!finer.count.includes(0)) return out
  const writer = rowWriter(out)
  const extremes = extremesOf(finer)
  let at = 0
  for (let row = 0; row < out.length; row++) {
    const isOfRow = (i: number) =>
      finer.series[i] === out.series[row] && slotOf(granularity, finer.time[i]) === out.time[row]
    while (!isOfRow(at)) at++
    const from = at
    while (at < finer.length && isOfRow(at)) at++
    out.integer[row] &= ~(Integer.min | Integer.max)
    out.minInt[row] = 0n
    out.maxInt[row] = 0n
    const { low, high } = extremes(from, at)
    writer.min(row, low)
    writer.max(row, high)
  }
  return out
}

/** A function that gives the extremes of rows `[from, to)`, whatever they count. */
function extremesOf(finer: RollupBatch) {
  const [mins, maxs] = [int64Column(finer.minInt), int64Column(finer.maxInt)]
  return (from: number, to: number) => {
    const low = createExtreme()
    const high = createExtreme()
    for (let i = from; i < to; i++) {
      const isEmpty = finer.count[i] === 0
      const minIsInteger = isEmpty || (finer.integer[i] & Integer.min) !== 0
      const maxIsInteger = isEmpty || (finer.integer[i] & Integer.max) !== 0
      addLow(low, minIsInteger ? getInteger(mins, i) : finer.min[i], minIsInteger)
      addHigh(high, maxIsInteger ? getInteger(maxs, i) : finer.max[i], maxIsInteger)
    }
    return { low, high }
  }
}
