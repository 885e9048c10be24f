import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, DuckDBTimestampTZValue } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Column, Table } from '../../src/parquet/table.ts'
import { encodeParquet } from '../../src/parquet/write/encode.ts'
import { awkwardTable, seriesTable, valuesOf } from '../support/tables.ts'

let directory: string
let duckdb: DuckDBConnection

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'retrofill-parquet-'))
  duckdb = await (await DuckDBInstance.create()).connect()
})
afterAll(async () => {
  duckdb.closeSync()
  await rm(directory, { recursive: true })
})

async function write(table: Table): Promise<string> {
  const path = join(directory, 'table.parquet')
  await writeFile(path, Buffer.concat((await encodeParquet(table)).pieces))
  return path
}

const query = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjects()

/** What DuckDB gives for the rows of a column; its zero has a sign, and its NaN is NaN. */
function expected(column: Column): unknown[] {
  if (column.type === 'integer') return valuesOf(column).map((value) => BigInt(value as number))
  if (column.type === 'timestamp')
    return valuesOf(column).map((value) => new DuckDBTimestampTZValue(BigInt(value as number) * 1000n))
  return valuesOf(column)
}

describe('a file of encodeParquet in DuckDB', () => {
  it.each([0, 1, 9, 4097, 70_000])('holds the same %i rows of every type', async (length) => {
    const table = awkwardTable(length)
    const reader = await duckdb.runAndReadAll(`FROM '${await write(table)}'`)
    expect(reader.columnNamesAndTypesJson()).toMatchObject({ columnNames: table.columns.map(({ name }) => name) })
    const columns = reader.getColumns()
    for (const [i, column] of table.columns.entries()) expect(columns[i] ?? []).toEqual(expected(column))
  })
  it('has the types of the lake', async () => {
    const types = await query(`SELECT column_name, column_type FROM (DESCRIBE FROM '${await write(awkwardTable(3))}')`)
    expect(types.map(({ column_type }) => column_type).slice(0, 7)).toEqual([
      'VARCHAR',
      'TIMESTAMP WITH TIME ZONE',
      'TIMESTAMP WITH TIME ZONE',
      'BIGINT',
      'DOUBLE',
      'DOUBLE',
      'BIGINT',
    ])
  })

  it('holds more series than a dictionary may have entries', async () => {
    const table = seriesTable(70_001, 2)
    const path = await write(table)
    expect(await query(`SELECT count(DISTINCT series) n, min(series) a, max(series) z FROM '${path}'`)).toEqual([
      { n: 70_001n, a: 's00000000', z: 's00070000' },
    ])
    const found = await query(`SELECT mean FROM '${path}' WHERE series = 's00043690' ORDER BY time`)
    expect(found).toEqual([{ mean: 87_380 / 7 }, { mean: 87_381 / 7 }])
  })

  it('has its metadata', async () => {
    const { metadata } = awkwardTable(1)
    const path = await write(awkwardTable(1))
    const rows = await query(`SELECT decode(key) k, decode(value) v FROM parquet_kv_metadata('${path}')`)
    expect(Object.fromEntries(rows.map(({ k, v }) => [k, v]))).toEqual(metadata)
  })

  it('has statistics: by UTF-8 bytes, without NaN, zeros of both signs', async () => {
    const values = (...numbers: number[]) => Float64Array.from(numbers)
    const path = await write({
      length: 3,
      metadata: {},
      columns: [
        { name: 'text', type: 'string', dictionary: ['😀', '\uffff', 'a'], index: Uint32Array.of(0, 1, 2) },
        { name: 'time', type: 'timestamp', values: values(0, 1392336000123, -1) },
        { name: 'count', type: 'integer', values: values(2 ** 32, 2 ** 32 - 1, 2 ** 33) },
        { name: 'zero', type: 'double', values: values(0, -0, 0) },
        { name: 'value', type: 'double', values: values(0.1, -1e300, 2.5) },
        { name: 'nan', type: 'double', values: values(1, Number.NaN, 2) },
        {
          name: 'int',
          type: 'bigint',
          values: BigInt64Array.of(-9n, -8n, 9n),
          present: Uint8Array.of(0, 1, 1),
          bit: 1,
        },
        { name: 'null', type: 'bigint', values: new BigInt64Array(3), present: new Uint8Array(3), bit: 1 },
      ],
    })
    const rows = await query(
      `SELECT path_in_schema AS "column", stats_min_value AS min, stats_max_value AS max, stats_null_count AS nulls
       FROM parquet_metadata('${path}')`,
    )
    expect(rows).toEqual([
      { column: 'text', min: 'a', max: '😀', nulls: 0n },
      { column: 'time', min: '1969-12-31 23:59:59.999+00', max: '2014-02-14 00:00:00.123+00', nulls: 0n },
      { column: 'count', min: '4294967295', max: '8589934592', nulls: 0n },
      { column: 'zero', min: '-0.0', max: '0.0', nulls: 0n },
      { column: 'value', min: '-1e+300', max: '2.5', nulls: 0n },
      { column: 'nan', min: null, max: null, nulls: 0n },
      { column: 'int', min: '-8', max: '9', nulls: 1n },
      { column: 'null', min: null, max: null, nulls: 3n },
    ])
  })

  it('is never searched past a NaN, which DuckDB holds to be the largest double', async () => {
    const values = Float64Array.of(3, Number.NaN, 3)
    const path = await write({ length: 3, metadata: {}, columns: [{ name: 'v', type: 'double', values }] })
    expect(await query(`SELECT count(*) n FROM '${path}' WHERE v != 3`)).toEqual([{ n: 1n }])
    expect(await query(`SELECT count(*) n FROM '${path}' WHERE v > 1e300`)).toEqual([{ n: 1n }])
  })
})
