import { readlink, realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errorCode, usageError } from './errors.ts'

/**
 * Where a file is that the user wants to be written: what a symbolic link leads to, since files are replaced by renaming others, and
 * the link is to stay.
 * @throws a usage error where a directory, a pipe or a device is there
 */
export async function outputPath(path: string): Promise<string> {
  const stats = await stat(path).catch(undefinedIf('ENOENT'))
  if (stats && !stats.isFile())
    throw usageError(`not a regular file: ${path}`, 'name a file, or one that is not there yet')
  const target = await readlink(path).catch(undefinedIf('ENOENT', 'EINVAL'))
  return target === undefined ? path : outputPath(resolve(await realpath(dirname(path)), target))
}

const undefinedIf =
  (...codes: string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(errorCode(error) ?? '')) throw error
  }
