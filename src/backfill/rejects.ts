import type { Reject } from '../archive/reject.ts'
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
  return {
    path,
    add: (rejects) => journal.append(rejects),
    async forget(names) {
      const kept = journal.entries.filter(({ file }) => !names.has(file))
      if (kept.length < journal.entries.length) await journal.rewrite(kept)
    },
    close: () => journal.close(),
  }
}
