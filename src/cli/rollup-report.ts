import type { Failure } from '../backfill/context.ts'
import { type Counts, classes } from '../backfill/counts.ts'
import type { Report, RunSummary } from '../backfill/report.ts'
import { formatRange } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { alignPairs, formatBytes, formatCount, formatSeconds, list, plural, quote } from './format.ts'

const words: Readonly<Record<(typeof classes)[number], string>> = {
  rolled: 'rolled up',
  duplicate: 'duplicate',
  late: 'late',
  outOfRange: 'out of range',
  outOfShard: 'out of shard',
  notNumeric: 'not numeric',
  rejected: 'rejected',
  elsewhere: 'of chunks not made in this reading',
}

/** What a run has done, for people. */
export function formatSummary(summary: RunSummary): string {
  const { report } = summary
  return [
    `Rolled up ${summary.from} into ${summary.to} in ${formatSeconds(summary.seconds)} (job ${summary.job})`,
    ...alignPairs([
      ['range', `${formatRange(summary.range)}, ${summary.granularities.join(', ')}`],
      ['files', describeFiles(report)],
      ['lines', `${formatCount(report.counts.lines)} read, ${formatCount(report.counts.rejectedLines)} with rejects`],
      ['metrics', describeCounts(report.counts)],
      ...(report.again.metrics > 0 ? [['again', describeCounts(report.again)] as const] : []),
      ['chunks', describeChunks(report)],
      [
        'rows',
        `${formatCount(report.rows)} written (${formatBytes(report.bytesWritten)}), ${describeVerification(summary, readers(summary))}`,
      ],
      ...(summary.state === undefined ? [] : [['pushed', describePush(summary)] as const]),
      ['held', `${plural(report.points, 'point')} in this range`],
    ]),
    ...describeProblems(summary),
    ...(report.points > 0
      ? ['', `look at the rows:  retrofill read ${quote(summary.to)} --granularity ${summary.granularities[0]}`]
      : []),
  ].join('\n')
}

const readers = ({ verify }: RunSummary): string => (verify === 'full' ? 'from disk, by DuckDB too,' : 'from disk')

const describeFiles = ({ files }: Report): string =>
  `${formatCount(files.read)} read (${formatBytes(files.bytes)}), ${formatCount(files.selected)} in range, ${formatCount(files.foreign)} foreign${files.removed > 0 ? `, ${formatCount(files.removed)} removed` : ''}`

function describeCounts(counts: Counts): string {
  const found = classes.filter((name) => counts[name] > 0).map((name) => `${formatCount(counts[name])} ${words[name]}`)
  return `${formatCount(counts.metrics)} read${found.length > 0 ? ` = ${found.join(' + ')}` : ''}`
}

export function describeChunks({ chunks }: Report): string {
  const { made, madeAgain, empty, upToDate } = chunks
  return `${formatCount(made)} made, ${formatCount(madeAgain)} made again, ${formatCount(empty)} empty, ${formatCount(upToDate)} up to date`
}

/** How rows were read back, and by what. */
export function describeVerification(
  { verify, report }: { readonly verify: string; readonly report: Pick<Report, 'mismatched' | 'verifiedRows'> },
  by = 'from disk',
): string {
  if (verify === 'none') return 'not read back'
  if (report.mismatched.length > 0) return 'read back: NOT EQUAL'
  return `${formatCount(report.verifiedRows)} read back ${by} and found equal`
}

export function describePush({ report: { push }, state }: Pick<RunSummary, 'report' | 'state'>): string {
  const { rows, verified, kept, larger } = push
  const left =
    kept > 0 ? `, ${formatCount(kept)} left as they are (${formatCount(larger)} count more points than ours)` : ''
  return `${plural(rows, 'row')} written, ${formatCount(verified)} read back and found equal${left}; state in ${state}`
}

export function describeProblems({
  report,
  rejectsFile,
  exitCode,
  base,
}: Pick<RunSummary, 'report' | 'exitCode'> &
  Partial<Pick<RunSummary, 'rejectsFile'>> & { readonly base?: string }): string[] {
  const missing = base === undefined ? 'points: check' : `${base} rows, which are rolled up: check --granularity,`
  return [
    ...(exitCode === ExitCode.nothing
      ? [`no ${missing} --from and the times; --allow-empty makes this no failure`]
      : []),
    ...report.problems,
    ...list('rows read back differ', report.mismatched.map(describeFailure)),
    ...list('refused; --allow-shrink allows it', report.refused.map(describeFailure)),
    ...list(
      'files not read whole',
      report.broken.map(({ file, reason }) => `${file}: ${reason}`),
    ),
    ...list('slots not written; --partial-slots writes them', report.partialSlots.map(describeFailure)),
    ...(report.keptRejects > 0 ? [`rejects are kept in ${rejectsFile}`] : []),
  ]
}

export const describeFailure = ({ granularity, range, reason }: Failure): string =>
  `${granularity} ${formatRange(range)}: ${reason}`
