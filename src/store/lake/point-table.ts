import { Kind, type PointBatch } from '../../metric/points.ts'
import type { Column, TableRows } from '../../parquet/table.ts'
import { type ColumnFinder, decodeFile } from './decode.ts'

/** Points as a table of docs/lake.md. */
export function tableOfPoints(points: PointBatch): TableRows {
  const { length, dictionary, series, time, value, kind, wide } = points
  const present = kind.map((one, i) => (one !== Kind.double && (wide || Number.isSafeInteger(value[i])) ? 1 : 0))
  const exact = wide ?? BigInt64Array.from(value, (one, i) => (present[i] ? BigInt(one) : 0n))
  const columns: Column[] = [
    { name: 'series', type: 'string', dictionary, index: series },
    { name: 'time', type: 'timestamp', values: time },
    { name: 'value', type: 'double', values: value },
    { name: 'value_int', type: 'bigint', values: exact, present, bit: 1 },
  ]
  return { length, columns }
}

/** The points of a lake file; integers come back as 64-bit ones. */
export const decodePoints = (bytes: Uint8Array, path: string): Promise<PointBatch> =>
  decodeFile({ bytes, path }, (length, column) => pointsOf(path, length, column))

function pointsOf(input: string, length: number, column: ColumnFinder): PointBatch {
  const { dictionary, index: series } = column('series', 'string')
  const { values, present } = column('value_int', 'bigint')
  const { values: value } = column('value', 'double')
  return {
    input,
    length,
    dictionary,
    series,
    time: column('time', 'timestamp').values,
    value,
    kind: present.map((is) => (is ? Kind.int64 : Kind.double)),
    ...(value.some((one, i) => present[i] && !Number.isSafeInteger(one)) && { wide: values }),
  }
}
