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

/** The rows `[from, to)` of a column, on the same memory. */
export function sliceColumn(column: Column, from: number, to: number): Column {
  if (column.type === 'string') return { ...column, index: column.index.subarray(from, to) }
  if (column.type !== 'bigint') return { ...column, values: column.values.subarray(from, to) }
  return { ...column, values: column.values.subarray(from, to), present: column.present.subarray(from, to) }
}
