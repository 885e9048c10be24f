import { readFile } from 'node:fs/promises'
import { errorCode, usageError } from './errors.ts'

/**
 * Reads a file that the user has named.
 * @throws a usage error where it cannot be read
 */
export const readNamedFile = (path: string): Promise<Buffer> =>
  readFile(path).catch((error) => {
    throw usageError(`cannot read ${path}: ${errorCode(error) ?? error}`)
  })

/** The same, of a text. */
export const readNamedText = async (path: string, encoding: BufferEncoding = 'utf8'): Promise<string> =>
  (await readNamedFile(path)).toString(encoding)
