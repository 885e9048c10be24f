import { stat } from 'node:fs/promises'
import { errorCode } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { readLake } from './lake/lake.ts'
import { requireLake } from './lake/layout.ts'
import { metricsFileStore } from './metrics-file.ts'
import type { Store } from './store.ts'

/** Whether a path that may not be there yet means a metrics file; another one means a lake. */
export const namesMetricsFile = (path: string): boolean => path.endsWith('.json.gz')

/**
 * Opens what is at a path for reading: a file is a metrics file, a folder with `_retrofill/` a lake.
 * @throws a usage error where it is neither
 */
export async function openForReading(path: string): Promise<Pick<Store, 'read'>> {
  if (namesMetricsFile(path) || (await isFile(path))) return metricsFileStore(path)
  await requireLake(nodeFiles, path)
  return { read: (query, range, options) => readLake(path, { query, range }, options) }
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
