import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import type { SeriesSelector } from '../../src/store/store.ts'
import { full } from '../../src/time/granularity.ts'
import { hour, type Range } from '../../src/time/range.ts'
import { compareBytes } from '../../src/util/bytes.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, leftovers, queryDuckDB } from '../support/lakes.ts'

type Row = readonly [series: string, time: number, value: number | bigint]

const folder = temporaryFolder()
const always = { start: 0, end: 3 * hour }
let lakes = 0

/** Points as they arrive: bigints are 64-bit integers, numbers doubles. */
function batch(rows: readonly Row[]): PointBatch {
  const dictionary = [...new Set(rows.map(([series]) => series))].reverse()
  return {
    input: 'test',
    length: rows.length,
    dictionary,
    series: Uint32Array.from(rows, ([series]) => dictionary.indexOf(series)),
    time: Float64Array.from(rows, ([, time]) => time),
    value: Float64Array.from(rows, ([, , value]) => Number(value)),
    kind: Uint8Array.from(rows, ([, , value]) => (typeof value === 'bigint' ? Kind.int64 : Kind.double)),
    wide: BigInt64Array.from(rows, ([, , value]) => (typeof value === 'bigint' ? value : 0n)),
  }
}

async function newLake(job = 'job', path = join(folder, `lake-${lakes++}`), existing?: 'replace') {
  const lake = await openLake({ path, job, existing })
  return {
    path,
    replace: (rows: readonly Row[], range: Range = always, series: SeriesSelector = 'all') =>
      lake.replace({ granularity: full, range, series }, [batch(rows)]),
    async rows(): Promise<Row[]> {
      const read: Row[] = []
      for await (const part of lake.read({ granularity: full }, always)) {
        const { length, dictionary, series, time, value, kind, wide } = part as PointBatch
        for (let i = 0; i < length; i++) {
          const exact = kind[i] === Kind.double ? value[i] : (wide?.[i] ?? BigInt(value[i]))
          read.push([dictionary[series[i]], time[i], exact])
        }
      }
      return read
    },
  }
}

const byPlace = (a: Row, b: Row) => compareBytes(a[0], b[0]) || a[1] - b[1]

describe('a lake of points', () => {
  it('leaves no DuckDB open where it cannot connect', async () => {
    const lake = await newLake()
    await lake.replace([['a', 0, 1n]])
    const connect = vi.spyOn(DuckDBInstance.prototype, 'connect').mockRejectedValueOnce(new Error('no connection'))
    const close = vi.spyOn(DuckDBInstance.prototype, 'closeSync')
    await expect(lake.rows()).rejects.toThrow('no connection')
    expect(close).toHaveBeenCalledOnce()
    connect.mockRestore()
    close.mockRestore()
  })

  it('keeps every number, integers exactly, in a file an hour', async () => {
    const rows: Row[] = [
      ['a', 0, 1n],
      ['a', 1, Number.NaN],
      ['a', hour, 2n ** 63n - 1n],
      ['a|t=😀', hour - 1, -0],
      ['a|t=\uffff', 5, -(2n ** 53n) - 1n],
    ]
    const { replace, rows: read, path } = await newLake()
    const receipt = await replace(rows)
    expect(receipt.rows).toBe(5)
    expect(await read()).toEqual([...rows].sort(byPlace))
    expect(lakeFiles(path)).toEqual(['full/date=1970-01-01/00.job.parquet', 'full/date=1970-01-01/01.job.parquet'])
    expect(leftovers(path)).toEqual([])
  })

  it('has the raw columns of its contract', async () => {
    const { replace, path } = await newLake()
    await replace([
      ['a', 1_500, 7n],
      ['a', 1_501, 0.5],
    ])
    const file = join(path, lakeFiles(path)[0])
    const columns = await queryDuckDB(
      `SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet('${file}', hive_partitioning = false))`,
    )
    expect(columns.map(Object.values)).toEqual([
      ['series', 'VARCHAR'],
      ['time', 'TIMESTAMP WITH TIME ZONE'],
      ['value', 'DOUBLE'],
      ['value_int', 'BIGINT'],
    ])
    const found = await queryDuckDB(`SELECT epoch_ms("time") AS t, value, value_int FROM '${file}'`)
    expect(found).toEqual([
      { t: 1_500n, value: 7, value_int: 7n },
      { t: 1_501n, value: 0.5, value_int: null },
    ])
  })

  it('is what a map by series and millisecond would be, after any replacements; twice is as once', async () => {
    const series = fc.constantFrom('b', 'a|k=v', '😀', '\uffff')
    const change = fc.record({
      start: fc.integer({ min: 0, max: 12 }),
      length: fc.integer({ min: 1, max: 12 }),
      named: fc.option(fc.uniqueArray(series), { nil: undefined }),
      points: fc.array(fc.tuple(series, fc.integer({ min: 0, max: 23 }), fc.oneof(fc.bigInt(-9n, 9n), fc.double())), {
        maxLength: 30,
      }),
    })
    const step = hour / 8
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
        const { replace, rows } = await newLake()
        let held = new Map<string, Row>()
        for (const { start, length, named, points } of changes) {
          const range = { start: start * step, end: Math.min((start + length) * step, always.end) }
          const isMeant = ([text, time]: Row) =>
            time >= range.start && time < range.end && (!named || named.some((one) => one === text))
          const added = points.map(([text, at, value]): Row => [text, at * step, value]).filter(isMeant)
          held = new Map([...held].filter(([, row]) => !isMeant(row)))
          for (const row of added) held.set(`${row[1]} ${row[0]}`, row)
          await replace(added, range, named ? new Set(named) : 'all')
          await replace(added, range, named ? new Set(named) : 'all')
        }
        expect(await rows()).toEqual([...held.values()].sort(byPlace))
      }),
      { numRuns: 25 },
    )
  })

  it('refuses series of another job unless told to take them over', async () => {
    const first = await newLake('one')
    await first.replace([
      ['a', 0, 1n],
      ['b', 0, 2n],
    ])
    const refused = await newLake('two', first.path)
    await expect(refused.replace([['a', 1, 3n]])).rejects.toMatchObject({ exitCode: 7 })
    const taking = await newLake('two', first.path, 'replace')
    await taking.replace([['a', 1, 3n]])
    expect(await taking.rows()).toEqual([
      ['a', 1, 3n],
      ['b', 0, 2n],
    ])
    await taking.replace([], always, new Set(['b']))
    expect(await taking.rows()).toEqual([['a', 1, 3n]])
  })
})
