import fc from 'fast-check'
import type { Column, Table } from '../../src/parquet/table.ts'

/** The rows of a column as plain values, as a SQL engine would give them: null where nothing is. */
export function valuesOf(column: Column): unknown[] {
  if (column.type === 'string') return Array.from(column.index, (at) => column.dictionary[at])
  if (column.type === 'bigint') return Array.from(column.values, (value, i) => (column.present[i] ? value : null))
  return Array.from(column.values)
}

/** All that a table says, however its memory is laid out. */
export const contentsOf = ({ length, columns, metadata }: Table) => ({
  length,
  columns: columns.map((column) => ({ name: column.name, type: column.type, values: valuesOf(column) })),
  metadata,
})

const text = fc.string({ unit: 'binary', maxLength: 8 })
const double = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, 0, Number.MAX_VALUE, Number.MIN_VALUE))
const milliseconds = fc.oneof(
  fc.maxSafeInteger(),
  fc.date({ noInvalidDate: true }).map(Number),
  fc.constantFrom(0, 300_000),
)
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 2n ** 63n - 1n, -(2n ** 63n)),
)

function column(length: number): fc.Arbitrary<Column> {
  const rows = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: length, maxLength: length })
  const numbers = (type: 'timestamp' | 'integer' | 'double', value: fc.Arbitrary<number>) =>
    rows(value).map((values) => ({
      name: type,
      type,
      values: Float64Array.from(values, (v) => (type === 'double' ? v : v + 0)),
    }))
  const strings = fc.array(text, { minLength: 1, maxLength: 5 }).chain((dictionary) =>
    rows(fc.nat({ max: dictionary.length - 1 })).map((index) => ({
      name: 'series',
      type: 'string' as const,
      dictionary,
      index: Uint32Array.from(index),
    })),
  )
  const bigints = fc.tuple(rows(int64), rows(fc.boolean())).map(([values, present]) => ({
    name: 'value_int',
    type: 'bigint' as const,
    values: BigInt64Array.from(values),
    present: Uint8Array.from(present, Number),
    bit: 1,
  }))
  return fc.oneof(
    strings,
    bigints,
    numbers('timestamp', milliseconds),
    numbers('integer', fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 1, max: 9 }))),
    numbers('double', double),
  )
}

/** Tables of any columns with different names. */
export const table: fc.Arbitrary<Table> = fc.nat({ max: 40 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    columns: fc
      .array(column(length), { minLength: 1, maxLength: 6 })
      .map((columns) => columns.map((each, i) => ({ ...each, name: `${each.name} ${i}` }))),
    metadata: fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
  }),
)

const extremes = [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 2n ** 53n + 1n]
const doubles = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 0.1, -1e-310, 1e308]
const texts = ['', 'a', 'web.latency', 'naïve', '日本', '😀', '\u{10ffff}\u0000', '�']
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length] as T

/** A table of every type with the values that formats get wrong. */
export const awkwardTable = (length: number): Table => ({
  length,
  metadata: { '': '', job: '{"ü":"😀"}', 'a=b': 'c' },
  columns: [
    {
      name: 'series',
      type: 'string',
      dictionary: texts,
      index: Uint32Array.from({ length }, (_, i) => i % texts.length),
    },
    {
      name: 'time',
      type: 'timestamp',
      values: Float64Array.from({ length }, (_, i) =>
        cycle([0, -1, 1392336000123, -62135596800000, 253402300799999], i),
      ),
    },
    {
      name: 'distinct times',
      type: 'timestamp',
      values: Float64Array.from({ length }, (_, i) => (i % 2 ? 1 : -1) * (1e12 + i * 977)),
    },
    {
      name: 'count',
      type: 'integer',
      values: Float64Array.from({ length }, (_, i) =>
        cycle([1, 300, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0], i),
      ),
    },
    { name: 'value', type: 'double', values: Float64Array.from({ length }, (_, i) => cycle(doubles, i)) },
    { name: 'finite', type: 'double', values: Float64Array.from({ length }, (_, i) => Math.sin(i) * 10 ** (i % 40)) },
    {
      name: 'value_int',
      type: 'bigint',
      values: BigInt64Array.from({ length }, (_, i) => cycle(extremes, i)),
      present: Uint8Array.from({ length }, (_, i) => Number(i % 3 === 0)),
      bit: 1,
    },
    {
      name: 'distinct ints',
      type: 'bigint',
      values: BigInt64Array.from({ length }, (_, i) => BigInt(i) ** 3n - 7n),
      present: Uint8Array.from({ length }, (_, i) => Number(i % 7 !== 0)),
      bit: 1,
    },
    { name: 'all null', type: 'bigint', values: new BigInt64Array(length), present: new Uint8Array(length), bit: 1 },
    {
      name: 'no null',
      type: 'bigint',
      values: new BigInt64Array(length).fill(-5n),
      present: new Uint8Array(length).fill(1),
      bit: 1,
    },
  ],
})

/** A sorted table of so many series, like the lake's, with `rows` rows each. */
export function seriesTable(series: number, rows: number): Table {
  const length = series * rows
  return {
    length,
    metadata: {},
    columns: [
      {
        name: 'series',
        type: 'string',
        dictionary: Array.from({ length: series }, (_, i) => `s${String(i).padStart(8, '0')}`),
        index: Uint32Array.from({ length }, (_, i) => Math.floor(i / rows)),
      },
      { name: 'time', type: 'timestamp', values: Float64Array.from({ length }, (_, i) => (i % rows) * 300_000) },
      { name: 'mean', type: 'double', values: Float64Array.from({ length }, (_, i) => i / 7) },
    ],
  }
}
