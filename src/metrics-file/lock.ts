import { dirname } from 'node:path'
import { ensureDirectory, nodeFiles } from '../util/files.ts'
import { acquireLock, type Lock } from '../util/lock.ts'
import { nameBeside } from '../util/temporary.ts'

/** Locks a metrics file, whose directory is made where it is missing, for one writer: each reads what it keeps of the file first. */
export async function lockMetricsFile(path: string, options?: Parameters<typeof acquireLock>[1]): Promise<Lock> {
  await ensureDirectory(nodeFiles, dirname(path))
  return acquireLock(nameBeside(path, 'lock'), options)
}
