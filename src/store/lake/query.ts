import { join } from 'node:path'
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { allocateRollups, Integer, type RollupBatch, statistics } from '../../metric/rollups.ts'
import type { Granularity } from '../../time/granularity.ts'
import { day, floorTo, type Range } from '../../time/range.ts'
import { nodeFiles } from '../../util/files.ts'
import type { RowQuery, StoreOptions } from '../store.ts'

/** Reads the rows of all jobs of a lake through DuckDB, which sorts and spills what memory cannot hold. */
export async function* queryLake(
  path: string,
  { query, range }: { query: RowQuery; range: Range },
  { signal }: StoreOptions = {},
): AsyncIterable<RollupBatch> {
  const paths = await filesOf(path, query.granularity, range)
  if (paths.length === 0) return
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    const result = await connection.stream(...statement(paths, query, range))
    for await (const rows of result.yieldRows()) {
      signal?.throwIfAborted()
      yield rowsToBatch(rows)
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Every file of a granularity whose day touches the range; the query looks at the times inside. */
async function filesOf(root: string, granularity: Granularity, range: Range): Promise<string[]> {
  const folder = join(root, granularity.name)
  const days = (await nodeFiles.list(folder)).filter((name) => {
    const start = Date.parse(name.slice('date='.length))
    return name.startsWith('date=') && start >= floorTo(range.start, day) && start < range.end
  })
  const paths: string[] = []
  for (const name of days.sort()) {
    for (const file of await nodeFiles.list(join(folder, name))) {
      if (file.endsWith('.parquet')) paths.push(join(folder, name, file))
    }
  }
  return paths
}

type Statement = [sql: string, values: DuckDBValue[]]

function statement(paths: readonly string[], { glob, names }: RowQuery, { start, end }: Range): Statement {
  const conditions = ['epoch_ms("time") >= ?', 'epoch_ms("time") < ?']
  const values: DuckDBValue[] = [BigInt(start), BigInt(end)]
  if (glob !== undefined) {
    conditions.push(`series LIKE ? ESCAPE '\\'`)
    values.push(likePattern(glob))
  }
  if (names) {
    // A list in SQL must not be empty; NULL is no series.
    conditions.push(`series IN (NULL${', ?'.repeat(names.length)})`)
    values.push(...names)
  }
  const list = paths.map(quotePath).join(', ')
  const sql = `
    SELECT series, epoch_ms("time")::DOUBLE, count::DOUBLE, ${statistics.map((name) => `"${name}"`).join(', ')},
      mean_int, min_int, max_int
    FROM read_parquet([${list}])
    WHERE ${conditions.join(' AND ')}
    ORDER BY series, "time"`
  return [sql, values]
}

/** A path in SQL, its characters that DuckDB would take for a pattern in brackets. */
const quotePath = (path: string): string => `'${path.replace(/[*?[]/g, '[$&]').replaceAll("'", "''")}'`

/** `*` and `?` as LIKE has them; everything else stands for itself. */
const likePattern = (glob: string): string =>
  glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_')

const firstStatistic = 3
const firstInteger = firstStatistic + statistics.length
const integers = [
  ['meanInt', Integer.mean],
  ['minInt', Integer.min],
  ['maxInt', Integer.max],
] as const

function rowsToBatch(rows: readonly DuckDBValue[][]): RollupBatch {
  const dictionary: string[] = []
  const batch = allocateRollups(rows.length, dictionary)
  for (const [i, row] of rows.entries()) {
    if (dictionary.at(-1) !== row[0]) dictionary.push(row[0] as string)
    batch.series[i] = dictionary.length - 1
    batch.time[i] = row[1] as number
    batch.count[i] = row[2] as number
    for (const [s, name] of statistics.entries()) batch[name][i] = row[firstStatistic + s] as number
    for (const [n, [name, bit]] of integers.entries()) {
      const value = row[firstInteger + n]
      if (value === null) continue
      batch[name][i] = value as bigint
      batch.integer[i] |= bit
    }
  }
  return batch
}
