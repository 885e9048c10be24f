import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** @param {string} folder */
const parquetFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => `'${join(folder, name)}'`)

/**
 * Throws unless two folders hold the same rows: counts and extremes exactly, means up to rounding. Gives how many rows, and of how many points.
 *
 * @param {string} a @param {string} b
 */
export async function compareRows(a, b) {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const [ours, theirs] = [a, b].map((folder) => `read_parquet([${parquetFiles(folder)}])`)
  const reader = await connection.runAndReadAll(`
    SELECT count(*)::INTEGER, sum(a.count)::INTEGER, count(*) FILTER (a.count IS DISTINCT FROM b.count OR a.min IS DISTINCT FROM b.min
      OR a.max IS DISTINCT FROM b.max OR NOT abs(a.mean - b.mean) <= 1e-9 * greatest(abs(a.min), abs(a.max)))::INTEGER
    FROM ${ours} a FULL JOIN ${theirs} b ON a.series = b.series AND epoch_ms(a.time) = epoch_ms(b.time)`)
  connection.closeSync()
  instance.closeSync()
  const [[rows, points, different]] = reader.getRows()
  if (rows === 0 || different !== 0) throw new Error(`${different} of ${rows} rows of ${a} and ${b} differ`)
  return { rows: Number(rows), points: Number(points) }
}
