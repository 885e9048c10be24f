import { allocateRollups, Integer, type RollupBatch, statistics } from '../../metric/rollups.ts'
import { type Column, decodeParquet, encodeParquet } from '../../parquet/parquet.ts'
import { UserError } from '../../util/errors.ts'

const integerColumns = [
  { name: 'mean_int', column: 'meanInt', bit: Integer.mean },
  { name: 'min_int', column: 'minInt', bit: Integer.min },
  { name: 'max_int', column: 'maxInt', bit: Integer.max },
] as const

/** The bytes of a lake file: rows in canonical order, and what made them. */
export function encodeRows(rows: RollupBatch, metadata: Readonly<Record<string, string>>): Promise<Uint8Array[]> {
  const columns: Column[] = [
    { name: 'series', type: 'string', dictionary: rows.dictionary, index: rows.series },
    { name: 'time', type: 'timestamp', values: rows.time },
    { name: 'count', type: 'int64', values: rows.count },
    ...statistics.map((name) => ({ name, type: 'double' as const, values: rows[name] })),
    ...integerColumns.map(({ name, column, bit }) => ({
      name,
      type: 'int64' as const,
      values: rows[column],
      present: rows.integer.map((bits) => (bits & bit ? 1 : 0)),
    })),
  ]
  return encodeParquet({ length: rows.length, columns, metadata })
}

/** The rows of a lake file. Throws where the file is not exactly one that {@link encodeRows} has made. */
export async function decodeRows(bytes: Uint8Array, path: string): Promise<RollupBatch> {
  try {
    const { length, columns } = await decodeParquet(bytes)
    return rowsOf(length, new Map(columns.map((column) => [column.name, column])))
  } catch (cause) {
    throw new UserError(`damaged lake file: ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'remove the file and run the command that made it again: it will be made anew',
    })
  }
}

function rowsOf(length: number, columns: ReadonlyMap<string, Column>): RollupBatch {
  const series = columnOf(columns, 'series', 'string')
  const rows = { ...allocateRollups(0, series.dictionary), length, series: series.index }
  const doubles = Object.fromEntries(statistics.map((name) => [name, columnOf(columns, name, 'double').values]))
  const integers = integerColumns.map(({ name, column, bit }) => ({ column, bit, ...columnOf(columns, name, 'int64') }))
  const integer = new Uint8Array(length)
  for (const { present, bit } of integers) for (let i = 0; i < length; i++) if (present?.[i]) integer[i] |= bit
  return {
    ...rows,
    time: columnOf(columns, 'time', 'timestamp').values,
    count: Float64Array.from(columnOf(columns, 'count', 'int64').values, Number),
    ...doubles,
    ...Object.fromEntries(integers.map(({ column, values }) => [column, values])),
    integer,
  }
}

function columnOf<Type extends Column['type']>(
  columns: ReadonlyMap<string, Column>,
  name: string,
  type: Type,
): Extract<Column, { type: Type }> {
  const column = columns.get(name)
  if (column?.type !== type) throw new Error(`expected a column ${name} of type ${type}, got ${column?.type}`)
  return column as Extract<Column, { type: Type }>
}
