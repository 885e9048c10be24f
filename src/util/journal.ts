import { basename, dirname } from 'node:path'
import { UserError } from './errors.ts'
import { type FileSystem, type OpenFile, replaceFile } from './files.ts'

/** A file of JSON lines that only grows: what was appended is there after a power loss, or not at all. */
export interface Journal<Entry> {
  /** What the file held when it was opened. */
  readonly entries: readonly Entry[]
  /** Appends entries; durable on return. */
  append(entries: readonly Entry[]): Promise<void>
  /** Drops the other entries, of those appended too; durable on return. */
  keepOnly(isKept: (entry: Entry) => boolean): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a journal; nothing is written before the first entry. A last line that a crash has torn is cut off, unless somebody else may
 * still be writing it: then it is left alone, and nothing may be appended.
 */
export async function openJournal<Entry>(
  files: FileSystem,
  path: string,
  mode: 'write' | 'read' = 'write',
): Promise<Journal<Entry>> {
  const { entries, isWhole } = parse<Entry>(await files.read(path), path)
  const replace = (kept: readonly Entry[]) => replaceFile(files, { path, temporary: `${path}.tmp` }, [encode(kept)])
  if (!isWhole && mode === 'write') await replace(entries)
  let file: OpenFile | undefined

  return {
    entries,
    async append(more) {
      if (more.length === 0) return
      file ??= await openForAppending(files, path)
      await file.write(encode(more))
      await file.sync()
    },
    async keepOnly(isKept) {
      const now = parse<Entry>(await files.read(path), path).entries
      const kept = now.filter(isKept)
      if (kept.length === now.length) return
      await file?.close()
      file = undefined
      await replace(kept)
    },
    async close() {
      await file?.close()
      file = undefined
    },
  }
}

async function openForAppending(files: FileSystem, path: string): Promise<OpenFile> {
  const isNew = !(await files.list(dirname(path))).includes(basename(path))
  const file = await files.open(path, 'append')
  if (isNew) await files.syncDirectory(dirname(path))
  return file
}

const encode = (entries: readonly unknown[]): Uint8Array =>
  Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))

function parse<Entry>(bytes: Uint8Array | undefined, path: string): { entries: Entry[]; isWhole: boolean } {
  if (!bytes) return { entries: [], isWhole: true }
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  const tail = lines.pop()
  const entries: Entry[] = []
  for (const [i, line] of lines.entries()) {
    const entry = parseLine<Entry>(line)
    if (entry !== undefined) entries.push(entry)
    else if (i === lines.length - 1) return { entries, isWhole: false }
    else
      throw new UserError(`damaged state: line ${i + 1} of ${path} is no JSON`, {
        hint: 'restore it from a backup, or remove it to have its chunks made again',
      })
  }
  return { entries, isWhole: tail === '' }
}

function parseLine<Entry>(line: string): Entry | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
