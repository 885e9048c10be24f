import type { Range } from '../../time/range.ts'
import { ExitCode as codes, type ExitCode } from '../../util/errors.ts'
import type { ProofReport, ProofTotal } from '../proof.ts'
import { type CommitReport, newCommitReport } from '../report.ts'
import type { BackfillOptions } from './options.ts'

/** A part of the range, and what is to be said of it. */
export interface Remark {
  readonly range: Range
  readonly text: string
}

/** What a backfill has done: filled in while it works. */
export interface BackfillReport extends CommitReport {
  /** Every point that was read is in one of the others: `read` is their sum. `failed` are those of hours that were refused, or not read back alike. */
  readonly counts: {
    read: number
    written: number
    duplicate: number
    notWanted: number
    upToDate: number
    failed: number
  }
  /** Stretches of the range that were read. */
  stretches: number
  /** Points whose value or time the store cannot hold exactly. */
  lossy: number
  /** Metrics that were asked for and gave no points in what was read. */
  missingMetrics: string[]
  /** What the source has said, such as that it gave a coarser resolution. */
  readonly notices: Remark[]
  /** Parts that could not be read or written, and why. */
  readonly failed: Remark[]
  /** Points that the job holds in the range, made now or before. */
  points: number
  /** What was read back from where the points belong, series by series; absent until the end. */
  proof?: ProofReport
  /** What the chunks of the range come to, level by level. */
  totals: readonly ProofTotal[]
}

export const newBackfillReport = (): BackfillReport => ({
  ...newCommitReport(),
  counts: { read: 0, written: 0, duplicate: 0, notWanted: 0, upToDate: 0, failed: 0 },
  stretches: 0,
  lossy: 0,
  missingMetrics: [],
  notices: [],
  failed: [],
  points: 0,
  totals: [],
})

/** The exit code that a finished backfill has earned; the gravest finding decides. */
export function exitCodeOf(
  report: BackfillReport,
  { allowEmpty, onlyMissing }: Pick<BackfillOptions, 'allowEmpty' | 'onlyMissing'>,
): ExitCode {
  if (report.mismatched.length > 0) return codes.mismatch
  if (report.refused.length > 0) return codes.refused
  if (report.failed.length > 0) return codes.incomplete
  const isMissingNothing = onlyMissing !== undefined && report.stretches === 0
  if (report.points === 0 && !allowEmpty && !isMissingNothing) return codes.nothing
  return codes.ok
}

/** What a backfill was about; see {@link BackfillReport} for what it did. */
export interface BackfillSummary {
  readonly job: string
  readonly from: string
  readonly to: string
  /** Where the job's state lies. */
  readonly state: string
  /** Absent where there was nothing at all. */
  readonly range: Range | undefined
  /** The end that was asked for, where values after that of `range` may still change. */
  readonly unsettledUntil?: number
  readonly granularities: readonly string[]
  readonly verify: string
  readonly seconds: number
  readonly exitCode: ExitCode
  readonly report: BackfillReport
}
