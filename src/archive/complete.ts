import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Range } from '../time/range.ts'
import { compareBytes } from '../util/bytes.ts'
import { type FileSystem, replaceFile } from '../util/files.ts'
import type { NameMargins } from './names.ts'

const completeFile = '.complete.json'

/** Says that all files of a range have been in a directory: what ends a rollup that follows it. */
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
  { range, margins, names }: { range: Range; margins: NameMargins; names: readonly string[] },
): Promise<void> {
  const { before, after } = margins
  const complete: Complete = { start: range.start, end: range.end, before, after, ...digestOf(names) }
  const path = join(directory, completeFile)
  await replaceFile(files, { path, temporary: `${path}.tmp` }, [Buffer.from(`${JSON.stringify(complete)}\n`)])
}

export const removeComplete = (files: FileSystem, directory: string): Promise<void> =>
  files.remove(join(directory, completeFile))

/** What a directory says, if it says anything that can be understood. */
export async function readComplete(files: FileSystem, directory: string): Promise<Complete | undefined> {
  const content = await files.read(join(directory, completeFile))
  try {
    return content && JSON.parse(Buffer.from(content).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Whether it speaks of all files that can hold points of a range. */
export const coversRange = ({ start, end, before, after }: Complete, range: Range, margins: NameMargins): boolean =>
  start - before <= range.start - margins.before && end + after >= range.end + margins.after

/** Whether these are the names that it speaks of. */
export function isOfNames({ files, sha256 }: Complete, names: readonly string[]): boolean {
  const found = digestOf(names)
  return found.files === files && found.sha256 === sha256
}

function digestOf(names: readonly string[]): Pick<Complete, 'files' | 'sha256'> {
  const sha256 = createHash('sha256')
    .update([...names].sort(compareBytes).join('\n'))
    .digest('hex')
  return { files: names.length, sha256 }
}
