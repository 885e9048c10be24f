import type { Reject } from '../archive/reject.ts'
import type { FileSystem } from '../util/files.ts'
import { openJournal } from '../util/journal.ts'

/** A piece of input that became no row: malformed, or a point that came too late and was dropped. */
export interface KeptReject {
  readonly file: string
  readonly line: number
  readonly metric?: string
  readonly reason: Reject['reason'] | 'late'
  /** The beginning of its text; for a late point its series, time and value. */
  readonly text: string
}

/** The rejects file of a job. */
export interface Rejects {
  readonly path: string
  /** Keeps rejects of one file; durable on return. */
  add(rejects: readonly KeptReject[]): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the rejects file. Rejects of files that are not `catalogued` come from a run that ended before it had recorded the file; they
 * will be found again, and are removed.
 */
export async function openRejects(
  files: FileSystem,
  path: string,
  catalogued: (file: string) => boolean,
): Promise<Rejects> {
  const journal = await openJournal<KeptReject>(files, path)
  const kept = journal.entries.filter(({ file }) => catalogued(file))
  if (kept.length < journal.entries.length) await journal.rewrite(kept)
  return { path, add: (rejects) => journal.append(rejects), close: () => journal.close() }
}
