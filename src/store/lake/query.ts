import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { Kind, type PointBatch } from '../../metric/points.ts'
import { allocateRollups, Integer, type RollupBatch, statistics } from '../../metric/rollups.ts'
import { full, type Granularity } from '../../time/granularity.ts'
import { always, day, floorTo, type Range } from '../../time/range.ts'
import { nodeFiles } from '../../util/files.ts'
import type { RowBatch, RowQuery, StoreOptions } from '../store.ts'
import { rowKind } from './row-kind.ts'

/** Reads the rows of all jobs of a lake through DuckDB, which sorts and spills what memory cannot hold. */
export async function* queryLake(
  path: string,
  { query, range }: { query: RowQuery; range: Range },
  { signal }: StoreOptions = {},
): AsyncIterable<RowBatch> {
  const paths = await filesOf(path, query.granularity, range)
  if (paths.length > 0) yield* queryFiles(paths, { query, range }, signal)
}

/** Reads all rows of one file of a lake. */
export const queryFile = (path: string, granularity: Granularity): AsyncIterable<RowBatch> =>
  queryFiles([path], { query: { granularity }, range: always })

async function* queryFiles(
  paths: readonly string[],
  { query, range }: { query: RowQuery; range: Range },
  signal?: AbortSignal,
): AsyncIterable<RowBatch> {
  const { select, toBatch } = query.granularity === full ? points : rollups
  const read = statement(paths, { ...query, select }, range)
  for await (const rows of runStatement({ paths, granularity: query.granularity }, read)) {
    signal?.throwIfAborted()
    yield toBatch(rows)
  }
}

/** How many rows a lake holds, of how many series, and the bytes of the files that they lie in. */
export async function countLake(
  path: string,
  { query, range }: { query: RowQuery; range: Range },
): Promise<{ rows: number; series: number; bytes: number }> {
  const paths = await filesOf(path, query.granularity, range)
  const sizes = await Promise.all(paths.map(async (file) => (await stat(file)).size))
  const counts = { rows: 0, series: 0, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  if (paths.length === 0) return counts
  const [where, values] = conditionsOf(query, range)
  const sql = `SELECT count(*)::DOUBLE, count(DISTINCT series)::DOUBLE FROM ${parquetFiles(paths)} WHERE ${where}`
  for await (const [[rows, series]] of runStatement({ paths, granularity: query.granularity }, [sql, values]))
    Object.assign(counts, { rows: rows as number, series: series as number })
  return counts
}

/** Texts of the series that a lake holds at a granularity, sorted; those of files whose names `isWanted`, by default all. */
export async function lakeSeries(
  path: string,
  granularity: Granularity,
  isWanted: (file: string) => boolean = () => true,
): Promise<string[]> {
  const paths = (await filesOf(path, granularity, always)).filter(isWanted)
  if (paths.length === 0) return []
  const texts: string[] = []
  const sql = `SELECT DISTINCT series FROM ${parquetFiles(paths)} ORDER BY series`
  for await (const rows of runStatement({ paths, granularity }, [sql, []]))
    for (const [text] of rows) texts.push(text as string)
  return texts
}

/** The files that a statement reads. */
interface Files {
  readonly paths: readonly string[]
  readonly granularity: Granularity
}

async function* runStatement(files: Files, [sql, values]: Statement): AsyncIterable<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  try {
    const connection = await instance.connect()
    try {
      yield* (await connection.stream(sql, values)).yieldRows()
    } finally {
      connection.closeSync()
    }
  } catch (error) {
    throw await findDamage(files, error)
  } finally {
    instance.closeSync()
  }
}

/** Why DuckDB could not read files. It seldom names the one that is damaged: our own reader does. */
async function findDamage({ paths, granularity }: Files, error: unknown): Promise<unknown> {
  try {
    for (const path of paths) await rowKind(granularity).decode((await nodeFiles.read(path)) ?? Buffer.of(), path)
  } catch (damage) {
    return damage
  }
  return error
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

function statement(
  paths: readonly string[],
  { select, ...query }: RowQuery & { select: readonly string[] },
  range: Range,
): Statement {
  const [where, values] = conditionsOf(query, range)
  const sql = `
    SELECT series, epoch_ms("time")::DOUBLE, ${select.join(', ')}
    FROM ${parquetFiles(paths)}
    WHERE ${where}
    ORDER BY series, "time"`
  return [sql, values]
}

/** Which rows are meant, as a condition in SQL and its values. */
function conditionsOf({ glob, names }: RowQuery, { start, end }: Range): Statement {
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
  return [conditions.join(' AND '), values]
}

const parquetFiles = (paths: readonly string[]): string => `read_parquet([${paths.map(quotePath).join(', ')}])`

/** A path in SQL, its characters that DuckDB would take for a pattern in brackets. */
const quotePath = (path: string): string => `'${path.replace(/[*?[]/g, '[$&]').replaceAll("'", "''")}'`

/** `*` and `?` as LIKE has them; everything else stands for itself. */
const likePattern = (glob: string): string =>
  glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_')

/** The columns to read beside series and time, and what makes a batch of them. */
interface RowForm {
  readonly select: readonly string[]
  toBatch(rows: readonly DuckDBValue[][]): RowBatch
}

const points: RowForm = { select: ['value', 'value_int'], toBatch: pointBatch }
const rollups: RowForm = {
  select: ['count::DOUBLE', ...statistics.map((name) => `"${name}"`), 'mean_int', 'min_int', 'max_int'],
  toBatch: rollupBatch,
}

const firstStatistic = 3
const firstInteger = firstStatistic + statistics.length
const integers = [
  ['meanInt', Integer.mean],
  ['minInt', Integer.min],
  ['maxInt', Integer.max],
] as const

function rollupBatch(rows: readonly DuckDBValue[][]): RollupBatch {
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

function pointBatch(rows: readonly DuckDBValue[][]): PointBatch {
  const dictionary: string[] = []
  const series = Uint32Array.from(rows, ([text]) => {
    if (dictionary.at(-1) !== text) dictionary.push(text as string)
    return dictionary.length - 1
  })
  const exact = rows.map((row) => row[3] as bigint | null)
  const isWide = exact.some((one) => one !== null && !Number.isSafeInteger(Number(one)))
  return {
    input: 'lake',
    length: rows.length,
    dictionary,
    series,
    time: Float64Array.from(rows, (row) => row[1] as number),
    value: Float64Array.from(rows, (row) => row[2] as number),
    kind: Uint8Array.from(exact, (one) => (one === null ? Kind.double : Kind.int64)),
    ...(isWide && { wide: BigInt64Array.from(exact, (one) => one ?? 0n) }),
  }
}
