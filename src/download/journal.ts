import { join } from 'node:path'
import { appendDurably, type FileSystem } from '../util/files.ts'

/** A file that was fetched whole and made durable; its user may have removed it since. */
export interface JournalEntry {
  readonly name: string
  readonly size: number
  /** What the bucket told of it. */
  readonly etag: string
  /** MD5 of the content in hex. */
  readonly md5: string
}

/** What a directory has received so far, a JSON object a line; the last line of a name holds. */
export interface Journal {
  find(name: string): JournalEntry | undefined
  /** Durable on return. */
  append(entries: readonly JournalEntry[]): Promise<void>
}

export async function openJournal(files: FileSystem, directory: string): Promise<Journal> {
  const path = join(directory, '.download.ndjson')
  const text = Buffer.from((await files.read(path)) ?? []).toString('utf8')
  const entries = new Map(text.split('\n').flatMap(parseLine))
  // A crash can leave a line without its end: what is appended must not become part of it.
  let gap = text === '' || text.endsWith('\n') ? '' : '\n'
  return {
    find: (name) => entries.get(name),
    async append(added) {
      const lines = added.map((entry) => `${JSON.stringify(entry)}\n`).join('')
      await appendDurably(files, path, Buffer.from(gap + lines))
      gap = ''
      for (const entry of added) entries.set(entry.name, entry)
    },
  }
}

function parseLine(line: string): [string, JournalEntry][] {
  try {
    const entry = JSON.parse(line)
    return typeof entry.name === 'string' ? [[entry.name, entry]] : []
  } catch {
    return []
  }
}
