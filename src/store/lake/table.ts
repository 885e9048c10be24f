import { Integer, type RollupBatch, statistics } from '../../metric/rollups.ts'
import type { Column, TableRows } from '../../parquet/table.ts'
import { type ColumnFinder, decodeFile } from './decode.ts'

const integerColumns = [
  { name: 'mean_int', field: 'meanInt', bit: Integer.mean },
  { name: 'min_int', field: 'minInt', bit: Integer.min },
  { name: 'max_int', field: 'maxInt', bit: Integer.max },
] as const

/** Rollups as a table of docs/lake.md. */
export function tableOfRows(rows: RollupBatch): TableRows {
  const columns: Column[] = [
    { name: 'series', type: 'string', dictionary: rows.dictionary, index: rows.series },
    { name: 'time', type: 'timestamp', values: rows.time },
    { name: 'count', type: 'integer', values: rows.count },
    ...statistics.map((name): Column => ({ name, type: 'double', values: rows[name] })),
    ...integerColumns.map(({ name, field, bit }): Column => {
      return { name, type: 'bigint', values: rows[field], present: rows.integer, bit }
    }),
  ]
  return { length: rows.length, columns }
}

/** The rollups of a lake file whose table is that of {@link tableOfRows}. */
export const decodeRows = (bytes: Uint8Array, path: string): Promise<RollupBatch> => decodeFile({ bytes, path }, rowsOf)

function rowsOf(length: number, column: ColumnFinder): RollupBatch {
  const { dictionary, index: series } = column('series', 'string')
  const double = (name: string) => column(name, 'double').values
  const integers = integerColumns.map(({ name }) => column(name, 'bigint'))
  const integer = new Uint8Array(length)
  for (const [c, { present }] of integers.entries()) {
    for (let i = 0; i < length; i++) if (present[i]) integer[i] |= integerColumns[c].bit
  }
  const [meanInt, minInt, maxInt] = integers.map(({ values }) => values)
  return {
    length,
    dictionary,
    series,
    time: column('time', 'timestamp').values,
    count: column('count', 'integer').values,
    sum: double('sum'),
    mean: double('mean'),
    variance: double('variance'),
    min: double('min'),
    max: double('max'),
    integer,
    meanInt,
    minInt,
    maxInt,
  }
}
