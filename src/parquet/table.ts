/**
 * A column of a table, all of its rows in one typed array:
 * - `string` (VARCHAR): each row's place in `dictionary`; well-formed Unicode.
 * - `timestamp` (TIMESTAMP, microseconds, adjusted to UTC): whole milliseconds since 1970, within what `Date` can hold.
 * - `integer` (BIGINT): safe integers.
 * - `bigint` (nullable BIGINT): null where `present` lacks `bit`, whatever `values` holds there.
 * - `double` (DOUBLE): any number; every NaN is the same NaN.
 */
export type Column =
  | {
      readonly name: string
      readonly type: 'string'
      readonly dictionary: readonly string[]
      readonly index: Uint32Array
    }
  | { readonly name: string; readonly type: 'timestamp' | 'integer' | 'double'; readonly values: Float64Array }
  | {
      readonly name: string
      readonly type: 'bigint'
      readonly values: BigInt64Array
      readonly present: Uint8Array
      readonly bit: number
    }

/** What a column's numbers are multiplied by in the file, where timestamps are microseconds. */
export const scaleOf = (type: 'timestamp' | 'integer') => (type === 'timestamp' ? 1000 : 1)

/** Columns of `length` rows each. */
export interface TableRows {
  readonly length: number
  readonly columns: readonly Column[]
}

/** Rows, and key-value metadata for the file's footer. */
export interface Table extends TableRows {
  readonly metadata: Readonly<Record<string, string>>
}

export const rowsOf = (column: Column): number => (column.type === 'string' ? column.index : column.values).length

/** The columns of every `rows` rows, the last ones being what is left, on the same memory. Throws on columns of different lengths. */
export function cutTable({ length, columns }: TableRows, rows: number): Column[][] {
  const uneven = columns.find((column) => rowsOf(column) !== length)
  if (uneven) throw new Error(`expected ${length} rows in column ${uneven.name}, got ${rowsOf(uneven)}`)
  return Array.from({ length: Math.ceil(length / rows) }, (_, i) =>
    columns.map((column) => sliceColumn(column, i * rows, Math.min((i + 1) * rows, length))),
  )
}

function sliceColumn(column: Column, from: number, to: number): Column {
  if (column.type === 'string') return { ...column, index: column.index.subarray(from, to) }
  if (column.type !== 'bigint') return { ...column, values: column.values.subarray(from, to) }
  return { ...column, values: column.values.subarray(from, to), present: column.present.subarray(from, to) }
}
