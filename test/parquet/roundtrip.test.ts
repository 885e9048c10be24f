import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeParquet } from '../../src/parquet/read/decode.ts'
import type { Column, Table } from '../../src/parquet/table.ts'
import { encodeParquet } from '../../src/parquet/write/encode.ts'
import { awkwardTable, contentsOf, seriesTable, table } from '../support/tables.ts'

const fileOf = async (table: Table) => Buffer.concat((await encodeParquet(table)).pieces)
const roundTrip = async (table: Table) => decodeParquet(await fileOf(table))
const only = (column: Column, length: number): Table => ({ length, columns: [column], metadata: {} })

describe('encodeParquet and decodeParquet', () => {
  it('are inverse for any table', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (table) => {
        expect(contentsOf(await roundTrip(table))).toEqual(contentsOf(table))
      }),
      { numRuns: 300 },
    )
  })

  it.each([0, 1, 2, 7, 8, 9, 31_999, 32_000, 32_001, 65_537])(
    'are inverse for %i rows of every type',
    async (length) => {
      const table = awkwardTable(length)
      expect(contentsOf(await roundTrip(table))).toEqual(contentsOf(table))
    },
  )

  it('give the same bytes for the same table, in whatever order its metadata was put together', async () => {
    const table = awkwardTable(100)
    const turned = { ...table, metadata: Object.fromEntries(Object.entries(table.metadata).reverse()) }
    expect(await fileOf(turned)).toEqual(await fileOf(awkwardTable(100)))
  })

  it('keep each text once and in order of appearance, also when it is in several row groups', async () => {
    const table = seriesTable(30_001, 3)
    const [series] = (await roundTrip(table)).columns
    expect(series).toEqual(table.columns[0])
  })

  it('drop texts that no row uses, and join those that are equal', async () => {
    const index = Uint32Array.of(3, 1, 2)
    const back = await roundTrip(only({ name: 's', type: 'string', dictionary: ['no', 'b', 'a', 'a'], index }, 3))
    expect(back.columns[0]).toEqual({
      name: 's',
      type: 'string',
      dictionary: ['a', 'b'],
      index: Uint32Array.of(0, 1, 0),
    })
  })

  it('write every NaN with the same bits', async () => {
    const odd = new Float64Array(
      BigUint64Array.of(0xfff8000000000000n, 0x7ff0000000000001n, 0x7ff8000000000000n).buffer,
    )
    const [column] = (await roundTrip(only({ name: 'd', type: 'double', values: odd }, 3))).columns
    expect(column.type === 'double' && new BigUint64Array(column.values.buffer)).toEqual(
      new BigUint64Array(3).fill(0x7ff8000000000000n),
    )
  })

  it('take columns that lie in the midst of larger memory', async () => {
    const values = new Float64Array(Array.from({ length: 100 }, (_, i) => i)).subarray(10, 90)
    const table = only({ name: 'd', type: 'double', values }, 80)
    expect(contentsOf(await roundTrip(table))).toEqual(contentsOf(table))
  })
})

describe('encodeParquet', () => {
  const doubles = (type: 'integer' | 'timestamp', value: number) =>
    only({ name: 'n', type, values: Float64Array.of(value) }, 1)

  it.each([
    [
      'a column that is too short',
      only({ name: 'd', type: 'double', values: new Float64Array(2) }, 3),
      'expected 3 rows in column d, got 2',
    ],
    [
      'a text with half a surrogate pair',
      only({ name: 's', type: 'string', dictionary: ['a\ud800'], index: Uint32Array.of(0) }, 1),
      'expected well-formed Unicode',
    ],
    [
      'a place beyond its dictionary',
      only({ name: 's', type: 'string', dictionary: ['a'], index: Uint32Array.of(1) }, 1),
      'expected a place in a dictionary of 1, got 1',
    ],
    ['a fraction as an integer', doubles('integer', 0.5), 'expected a safe integer, got 0.5'],
    ['a fraction of a millisecond', doubles('timestamp', 0.5), 'expected a safe integer, got 0.5'],
    ['an integer beyond 2^53', doubles('integer', 2 ** 53), 'expected a safe integer'],
    ['NaN as a time', doubles('timestamp', Number.NaN), 'expected a safe integer, got NaN'],
  ])('refuses %s', async (_, table, message) => {
    await expect(encodeParquet(table)).rejects.toThrow(message)
  })
})
