import type { Range } from '../time/range.ts'
import { ExitCode as codes, type ExitCode } from '../util/errors.ts'
import type { Failure } from './context.ts'
import { type Counts, noCounts } from './counts.ts'

/** What has become durable: filled in while a run works. */
export interface CommitReport {
  readonly chunks: { made: number; madeAgain: number; empty: number; upToDate: number }
  rows: number
  bytesWritten: number
  verifiedRows: number
  /** What went into another store than the lake: see `Pushed`. */
  readonly push: { rows: number; bytes: number; kept: number; larger: number; verified: number }
  /** Coarse slots of the range that finer rows cover only in part, and were not written. */
  readonly partialSlots: Failure[]
  /** Spans that would have shrunk. */
  readonly refused: Failure[]
  /** Spans whose rows, read back, were not those written. */
  readonly mismatched: Failure[]
}

export const newCommitReport = (): CommitReport => ({
  chunks: { made: 0, madeAgain: 0, empty: 0, upToDate: 0 },
  rows: 0,
  bytesWritten: 0,
  verifiedRows: 0,
  push: { rows: 0, bytes: 0, kept: 0, larger: 0, verified: 0 },
  partialSlots: [],
  refused: [],
  mismatched: [],
})

/** What a run over an archive has done. */
export interface Report extends CommitReport {
  readonly files: { selected: number; read: number; removed: number; foreign: number; bytes: number }
  /** Of the first reading of every file. */
  readonly counts: Counts
  /** Of files that were read again to make stale chunks again. */
  readonly again: Counts
  /** Files that could not be read, or only in part, with the reason. */
  broken: { file: string; reason: string }[]
  /** Entries that this run has added to the rejects file. */
  keptRejects: number
  /** Why the run is not complete although it came to its end. */
  readonly problems: string[]
  /** Points that the job holds in the range, made now or before. */
  points: number
}

export const newReport = (): Report => ({
  ...newCommitReport(),
  files: { selected: 0, read: 0, removed: 0, foreign: 0, bytes: 0 },
  counts: noCounts(),
  again: noCounts(),
  broken: [],
  keptRejects: 0,
  problems: [],
  points: 0,
})

/** The exit code that a finished run has earned; the gravest finding decides. */
export function exitCodeOf(report: Report, { allowEmpty }: { allowEmpty: boolean }): ExitCode {
  if (report.mismatched.length > 0) return codes.mismatch
  if (report.refused.length > 0) return codes.refused
  if (report.broken.length > 0 || report.problems.length > 0) return codes.incomplete
  if (report.points === 0 && !allowEmpty) return codes.nothing
  return codes.ok
}

/** What any run was about; see {@link Report} for what it did. */
export interface JobSummary {
  readonly job: string
  readonly from: string
  readonly to: string
  /** Where the job's state lies, if not in the store. */
  readonly state?: string
  readonly range: Range
  readonly granularities: readonly string[]
  readonly verify: string
  readonly seconds: number
  readonly exitCode: ExitCode
  readonly report: Report
}

/** What a run over an archive was about. */
export interface RunSummary extends JobSummary {
  /** Whether the range was widened to whole slots. */
  readonly isSnapped: boolean
  readonly rejectsFile: string
}
