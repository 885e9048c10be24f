import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { checksum } from '../../src/store/lake/checksum.ts'
import { decodeRows } from '../../src/store/lake/table.ts'
import { nodeFiles } from '../../src/util/files.ts'

/** The data files of a lake (not those of staging lakes), by path below its root. */
export const lakeFiles = (lake: string): string[] =>
  readdirSync(lake, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet') && !name.startsWith('_retrofill'))
    .sort()

/** The data files below a folder, those of staging lakes too, by path. */
export const parquetFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => join(folder, name))
    .sort()

/** Removes a file of every job's state. */
export function dropState(lake: string, name: string): void {
  for (const job of readdirSync(join(lake, '_retrofill')).filter((name) => !name.includes('.')))
    rmSync(join(lake, '_retrofill', job, name))
}

/** Files that a crash may leave behind. */
export const leftovers = (lake: string): string[] =>
  readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tmp$|\/tmp\/./.test(name))

/** Every file of a lake, without the job in its name, and a digest of its rows: equal for lakes that hold the same bit by bit. */
export async function lakeRows(lake: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const name of lakeFiles(lake)) {
    const path = join(lake, name)
    const bytes = await nodeFiles.read(path)
    digests[name.replace(/\.\w+\.parquet$/, '')] = await checksum(await decodeRows(bytes ?? new Uint8Array(), path))
  }
  return digests
}

/** Runs one SQL query in DuckDB. */
export async function queryDuckDB(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
