import { stat } from 'node:fs/promises'
import { full } from '../time/granularity.ts'
import { errorCode, usageError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { schemeOf } from '../util/location.ts'
import { nameBeside } from '../util/temporary.ts'
import { isCassandraUrl } from './cassandra/url.ts'
import { requireLake, stateFolder } from './lake/layout.ts'
import type { Store } from './store.ts'

/** Whether a path that may not be there yet means a metrics file; another one means a lake. */
export const namesMetricsFile = (path: string): boolean => path.endsWith('.json.gz')

/**
 * The same path, for a lake. One that means a metrics file is refused: nothing that reads would find the lake.
 * @param expected what may be there
 */
export function requireLakeName(path: string, expected: string): string {
  if (!namesMetricsFile(path)) return path
  throw usageError(`not a lake: ${path} names a metrics file, expected ${expected}`, 'name it otherwise')
}

/** Whether what is at a path or URL holds points only, no rollups: a metrics file, whatever its name, DynamoDB, or such a lake. */
export const holdsPoints = async (path: string): Promise<boolean> =>
  namesMetricsFile(path) || schemeOf(path) === 'dynamodb' || (await isFile(path)) || (await isLakeOfPoints(path))

async function isLakeOfPoints(path: string): Promise<boolean> {
  const levels = (await nodeFiles.list(path)).filter((name) => name !== stateFolder)
  return levels.includes(full.name) && levels.every((name) => name === full.name)
}

/** The folder of the states of jobs that feed a metrics file. */
export const stateBeside = (file: string): string => nameBeside(file, 'retrofill')

/**
 * Opens what is at a path or URL for reading: a file is a metrics file, a folder with `_retrofill/` a lake, `cassandra://…` Blueflood's
 * tables, `dynamodb://…` Clusterman's.
 * @param env variables of the environment, for logins
 * @throws a usage error where it is none of these
 */
export async function openForReading(
  path: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Pick<Store, 'read'>> {
  if (isCassandraUrl(path)) return (await import('./cassandra/reader.ts')).cassandraReader(path, { env })
  if (schemeOf(path) === 'dynamodb') return (await import('./dynamodb/location.ts')).openDynamoDB(path, env)
  if (namesMetricsFile(path) || (await isFile(path))) return (await import('./metrics-file.ts')).metricsFileStore(path)
  await requireLake(nodeFiles, path)
  const { readLake } = await import('./lake/lake.ts')
  return { read: (query, range, options) => readLake(path, { query, range }, options) }
}

/** Whether a location is that of a store with rollups: Blueflood's tables, or a lake. */
export async function namesRows(location: string): Promise<boolean> {
  if (isCassandraUrl(location)) return true
  return !(await isFile(location)) && (await nodeFiles.list(location)).includes(stateFolder)
}

/** Whether there is a file, not a folder, at a path. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
