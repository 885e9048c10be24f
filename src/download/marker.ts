import { join } from 'node:path'
import { compareBytes } from '../util/bytes.ts'
import { type FileSystem, replaceFile } from '../util/files.ts'
import type { Period } from './period.ts'

/** The name of the last file up to which all are there, as Blueflood's RangeDownloader kept it. */
const markerFile = '.last_marker'

/** Reads the first marker that one of the directories holds. */
export async function readMarker(files: FileSystem, directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const content = await files.read(join(directory, markerFile))
    const name = content && Buffer.from(content).toString('utf8').trim()
    if (name) return name
  }
  return undefined
}

export async function writeMarker(files: FileSystem, directory: string, name: string): Promise<void> {
  const path = join(directory, markerFile)
  await replaceFile(files, { path, temporary: `${path}.tmp` }, [Buffer.from(`${name}\n`)])
}

/** Whether a marker lies among the names of the period. */
export const isOfPeriod = (marker: string, { bounds }: Period): boolean =>
  !bounds || (compareBytes(marker, bounds.after) > 0 && compareBytes(marker, bounds.before) < 0)

/** How far a marker may move: past the first names of a sorted list, as long as they are whole. */
export function markerProgress(sortedNames: readonly string[]) {
  const whole = new Set<string>()
  let position = 0
  return {
    /** Notes that a file is durable; returns the last name up to which all are, if there is one. */
    note(name: string): string | undefined {
      whole.add(name)
      while (position < sortedNames.length && whole.delete(sortedNames[position])) position++
      return sortedNames[position - 1]
    },
  }
}
