import { Kind, type PointBatch } from '../../metric/points.ts'
import { floorTo, second } from '../../time/range.ts'
import { fromDecimal, type PointValue, toDecimal } from './decimal.ts'
import { nothing } from './items.ts'
import { isReserved } from './layout.ts'

/** A point's value as the decimal that DynamoDB keeps under a key, or undefined where it cannot. */
export function decimalAt(batch: PointBatch, row: number, field: string | undefined): string | undefined {
  if (field === '') return Number.isNaN(batch.value[row]) ? nothing : undefined
  if (field !== undefined && isReserved(field)) return undefined
  return toDecimal(valueAt(batch, row))
}

function valueAt({ value, kind, wide }: PointBatch, row: number): PointValue {
  const isDouble = kind[row] === Kind.double
  return { value: value[row], kind: kind[row] as Kind, exact: isDouble ? 0n : (wide?.[row] ?? BigInt(value[row])) }
}

/** Points being put together, of series that come one after the other. */
export interface PointColumns {
  readonly length: number
  add(series: number, time: number, decimal: string): void
  take(input: string, dictionary: readonly string[]): PointBatch
}

export function pointColumns(): PointColumns {
  const series: number[] = []
  const times: number[] = []
  const values: PointValue[] = []
  return {
    get length() {
      return values.length
    },
    add(id, time, decimal) {
      series.push(id)
      times.push(time)
      values.push(decimal === nothing ? noNumber : fromDecimal(decimal))
    },
    take(input, dictionary) {
      const isWide = values.some(({ kind }) => kind !== Kind.double)
      const batch = {
        input,
        length: values.length,
        dictionary,
        series: Uint32Array.from(series),
        time: Float64Array.from(times),
        value: Float64Array.from(values, ({ value }) => value),
        kind: Uint8Array.from(values, ({ kind }) => kind),
        ...(isWide && { wide: BigInt64Array.from(values, ({ exact }) => exact) }),
      }
      for (const column of [series, times, values]) column.length = 0
      return batch
    },
  }
}

const noNumber: PointValue = { value: Number.NaN, kind: Kind.double, exact: 0n }

/**
 * What DynamoDB can hold of points: whole seconds, of which the last point stays; decimals; no NaN and nothing from 1e126; no key that is
 * an attribute of its own.
 */
export function normalisePoints(batch: PointBatch, fieldOf: (text: string) => string | undefined): PointBatch {
  const fields = batch.dictionary.map(fieldOf)
  const columns = pointColumns()
  for (let i = 0; i < batch.length; i++) {
    const time = floorTo(batch.time[i], second)
    const isLast = batch.series[i + 1] !== batch.series[i] || floorTo(batch.time[i + 1], second) !== time
    const decimal = isLast ? decimalAt(batch, i, fields[batch.series[i]]) : undefined
    if (decimal !== undefined) columns.add(batch.series[i], time, decimal)
  }
  return columns.take(batch.input, batch.dictionary)
}
