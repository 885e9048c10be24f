import { int64Column, putInteger } from '../metric/int64.ts'
import { Integer, type RollupBatch } from '../metric/rollups.ts'
import type { Average } from './average.ts'
import type { Extreme } from './extreme.ts'

/** Writes the statistics that have a kind into rows of a batch whose integer columns are still zero. */
export interface RowWriter {
  /** The integer average, where the average is one. */
  mean(row: number, average: Average): void
  min(row: number, low: Extreme): void
  max(row: number, high: Extreme): void
}

export function rowWriter(out: RollupBatch): RowWriter {
  const means = int64Column(out.meanInt)
  const mins = int64Column(out.minInt)
  const maxs = int64Column(out.maxInt)
  return {
    mean(row, { isInteger, integer }) {
      if (!isInteger) return
      out.integer[row] |= Integer.mean
      putInteger(means, row, integer)
    },
    min(row, { isInteger, value }) {
      out.min[row] = Number(value)
      if (!isInteger) return
      out.integer[row] |= Integer.min
      putInteger(mins, row, value)
    },
    max(row, { isInteger, value }) {
      out.max[row] = Number(value)
      if (!isInteger) return
      out.integer[row] |= Integer.max
      putInteger(maxs, row, value)
    },
  }
}

/** Blueflood's average as a double, whatever its kind. */
export const averageOf = ({ isInteger, integer, double }: Average): number => (isInteger ? Number(integer) : double)
