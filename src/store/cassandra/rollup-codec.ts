import { getInteger, int64Column, putInteger } from '../../metric/int64.ts'
import { Integer, type RollupBatch } from '../../metric/rollups.ts'
import {
  createReader,
  createWriter,
  putByte,
  putDouble,
  putVarint,
  type Reader,
  takeByte,
  takeBytes,
  takeDouble,
  takeVarint,
} from './bytes.ts'
import { Marker, showByte } from './markers.ts'

/** The first byte of a BasicRollup: of the version without a sum, which is only read, and of the one that is written. */
const Version = { withoutSum: 0, withSum: 1 } as const

/** What a statistic of a BasicRollup is, in the order in which they are written. */
const Statistic = { average: 0, variance: 1, min: 2, max: 3 } as const

/** Longer than any: a version, a count, four statistics and a sum. */
const longest = 1 + 10 + 4 * (2 + 10) + 8

/**
 * A function that gives a row of a batch as Blueflood writes a BasicRollup (version 2). Statistics that are integers are written as such;
 * the average is `meanInt` where there is one, else `mean`.
 */
export function rollupEncoder(batch: RollupBatch): (row: number) => Buffer {
  const writer = createWriter(longest)
  const integers = integerColumns(batch)
  const putStatistic = (type: number, { name, bit, column }: StatisticColumn, row: number) => {
    const isInteger = (batch.integer[row] & bit) !== 0
    putByte(writer, type)
    putByte(writer, isInteger ? Marker.int64 : Marker.double)
    if (isInteger) putVarint(writer, getInteger(column, row))
    else putDouble(writer, batch[name][row])
  }
  return (row) => {
    putByte(writer, Version.withSum)
    putVarint(writer, batch.count[row])
    if (batch.count[row] > 0) {
      putStatistic(Statistic.average, integers.average, row)
      putByte(writer, Statistic.variance)
      putByte(writer, Marker.double)
      putDouble(writer, batch.variance[row])
      putStatistic(Statistic.min, integers.min, row)
      putStatistic(Statistic.max, integers.max, row)
    }
    putDouble(writer, batch.count[row] > 0 ? batch.sum[row] : 0)
    return takeBytes(writer)
  }
}

/**
 * A function that reads a BasicRollup, of version 1 or 2, into a row of a batch; a row that counts nothing has integer statistics of 0,
 * as Blueflood gives it. Throws where the bytes are no BasicRollup.
 */
export function rollupDecoder(batch: RollupBatch): (bytes: Buffer, row: number) => void {
  const integers = integerColumns(batch)
  const assign = ({ name, bit, column }: StatisticColumn, row: number, { value, isInteger }: Taken) => {
    batch[name][row] = Number(value)
    putInteger(column, row, isInteger ? value : 0)
    if (isInteger) batch.integer[row] |= bit
    else batch.integer[row] &= ~bit
  }
  return (bytes, row) => {
    const reader = createReader(bytes)
    const version = takeByte(reader)
    if (version > Version.withSum) throw new Error(`a rollup of version ${version}: versions 0 and 1 are known`)
    batch.count[row] = Number(takeVarint(reader))
    batch.variance[row] = 0
    for (const column of Object.values(integers)) assign(column, row, { value: 0, isInteger: true })
    for (let left = batch.count[row] > 0 ? 4 : 0; left > 0; left--) {
      const type = takeByte(reader)
      const taken = takeNumber(reader)
      if (type === Statistic.variance) batch.variance[row] = taken.isInteger ? 0 : Number(taken.value)
      else assign(columnOf(integers, type), row, taken)
    }
    batch.sum[row] = version === Version.withSum ? takeDouble(reader) : 0
  }
}

/** A statistic of a batch that can be an integer. */
interface StatisticColumn {
  readonly name: 'mean' | 'min' | 'max'
  readonly bit: number
  readonly column: ReturnType<typeof int64Column>
}

const integerColumns = (batch: RollupBatch) => ({
  average: { name: 'mean', bit: Integer.mean, column: int64Column(batch.meanInt) } satisfies StatisticColumn,
  min: { name: 'min', bit: Integer.min, column: int64Column(batch.minInt) } satisfies StatisticColumn,
  max: { name: 'max', bit: Integer.max, column: int64Column(batch.maxInt) } satisfies StatisticColumn,
})

function columnOf({ average, min, max }: ReturnType<typeof integerColumns>, type: number): StatisticColumn {
  if (type === Statistic.average) return average
  if (type === Statistic.min) return min
  if (type === Statistic.max) return max
  throw new Error(`an unknown statistic ${showByte(type)}`)
}

interface Taken {
  readonly value: number | bigint
  readonly isInteger: boolean
}

function takeNumber(reader: Reader): Taken {
  const marker = takeByte(reader)
  if (marker === Marker.int64) return { value: takeVarint(reader), isInteger: true }
  if (marker === Marker.double) return { value: takeDouble(reader), isInteger: false }
  throw new Error(`an unknown kind of number ${showByte(marker)} in a rollup`)
}
