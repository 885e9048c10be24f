import type { ArchiveBatch } from '../archive/batch.ts'
import type { Reject } from '../archive/reject.ts'
import type { ArchiveFile } from '../source/archive/file.ts'
import { formatTime } from '../time/range.ts'
import type { FileSystem } from '../util/files.ts'
import { openJournal } from '../util/journal.ts'

/** A piece of input that became no row: malformed, a point that came too late and was dropped, or one whose chunk cannot be made again. */
export interface KeptReject {
  readonly file: string
  readonly line: number
  readonly metric?: string
  readonly reason: Reject['reason'] | 'late' | 'unresolved'
  /** The beginning of its text; for a late point its series, time and value. */
  readonly text: string
}

/** The rejects file of a job. */
export interface Rejects {
  readonly path: string
  /** Keeps rejects; durable on return. */
  add(rejects: readonly KeptReject[]): Promise<void>
  /** Removes what was found in some files, which are about to be read anew: it will be found again. */
  forget(files: ReadonlySet<string>): Promise<void>
  close(): Promise<void>
}

export async function openRejects(files: FileSystem, path: string): Promise<Rejects> {
  const journal = await openJournal<KeptReject>(files, path)
  const named = new Set(journal.entries.map(({ file }) => file))
  return {
    path,
    add(rejects) {
      for (const { file } of rejects) named.add(file)
      return journal.append(rejects)
    },
    async forget(names) {
      const known = [...names].filter((file) => named.delete(file))
      if (known.length > 0) await journal.keepOnly(({ file }) => !names.has(file))
    },
    close: () => journal.close(),
  }
}

/** Line `i` of a batch. */
interface LinePlace {
  readonly file: ArchiveFile
  readonly batch: ArchiveBatch
  readonly i: number
}

/** A reject for each point of a line. */
export function lineRejects(reason: KeptReject['reason'], { file, batch: { points }, i }: LinePlace): KeptReject[] {
  const { prefix, names } = points.families[points.family[i]]
  const time = formatTime(points.time[i])
  return names.map((name, place) => {
    const at = points.first[i] + place
    const text = `${prefix}${name} ${time} ${points.wide?.[at] ?? points.value[at]}`
    return { file: file.name, line: points.line[i], reason, text }
  })
}
