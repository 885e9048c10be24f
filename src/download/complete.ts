import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { compareBytes } from '../util/bytes.ts'
import { type FileSystem, replaceFile } from '../util/files.ts'
import type { Period } from './period.ts'

const completeFile = '.complete.json'

/** Says that all files of a period have been there: what ends a rollup that follows the directory. */
export interface Complete {
  readonly start: number
  readonly end: number
  /** Milliseconds around the range, both ends included. */
  readonly before: number
  readonly after: number
  /** How many. */
  readonly files: number
  /** SHA-256 in hex of the names, sorted by bytes, joined by newlines. */
  readonly sha256: string
}

export async function writeComplete(
  files: FileSystem,
  directory: string,
  { range, margins, names }: Pick<Period, 'range' | 'margins'> & { names: readonly string[] },
): Promise<void> {
  const sha256 = createHash('sha256')
    .update([...names].sort(compareBytes).join('\n'))
    .digest('hex')
  const { before, after } = margins
  const complete: Complete = { start: range.start, end: range.end, before, after, files: names.length, sha256 }
  const path = join(directory, completeFile)
  await replaceFile(files, { path, temporary: `${path}.tmp` }, [Buffer.from(`${JSON.stringify(complete)}\n`)])
}

export const removeComplete = (files: FileSystem, directory: string): Promise<void> =>
  files.remove(join(directory, completeFile))
