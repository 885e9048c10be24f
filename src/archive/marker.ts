import { join } from 'node:path'
import { type FileSystem, removeFile, replaceFile } from '../util/files.ts'

/** The name of the last file up to which all are there, as Blueflood's RangeDownloader kept it. */
const markerFile = '.last_marker'

/** What a download keeps of the files that have come. Where it lies without a marker, not even the first of them has. */
export const journalFile = '.download.ndjson'

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

export const removeMarker = (files: FileSystem, directory: string): Promise<void> =>
  removeFile(files, join(directory, markerFile))
