import { join } from 'node:path'
import { journalFile } from '../archive/marker.ts'
import type { FileSystem } from '../util/files.ts'
import { openJournal } from '../util/journal.ts'

/** A file that was fetched whole and made durable; its reader may have removed it since. */
export interface ReceivedFile {
  readonly name: string
  readonly size: number
  /** What the bucket told of it. */
  readonly etag: string
  /** MD5 of the content in hex. */
  readonly md5: string
}

/** What a directory has received so far. */
export interface Received {
  find(name: string): ReceivedFile | undefined
  /** Durable on return. */
  append(files: readonly ReceivedFile[]): Promise<void>
  close(): Promise<void>
}

/** Opens the journal of a directory; one that is only read may be written by another process. */
export async function openReceived(files: FileSystem, directory: string, mode?: 'read' | 'write'): Promise<Received> {
  const journal = await openJournal<ReceivedFile>(files, join(directory, journalFile), mode)
  const known = new Map(journal.entries.map((file) => [file.name, file]))
  return {
    find: (name) => known.get(name),
    async append(added) {
      await journal.append(added)
      for (const file of added) known.set(file.name, file)
    },
    close: () => journal.close(),
  }
}
