import { describeSummary, type ProofTotal, type SeriesMismatch } from '../backfill/proof.ts'
import type { BackfillReport, BackfillSummary, Remark } from '../backfill/query/report.ts'
import { always, formatRange, formatTime } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { alignPairs, formatBytes, formatCount, formatSeconds, list, plural, quote } from './format.ts'
import { describeFailure, describeVerification } from './rollup-report.ts'

/** What a backfill has done, for people. */
export function formatSummary(summary: BackfillSummary): string {
  const { report, range } = summary
  return [
    `Backfilled ${summary.from} into ${summary.to} in ${formatSeconds(summary.seconds)} (job ${summary.job})`,
    ...alignPairs([
      ['range', `${range ? formatRange(range) : 'none'}, ${summary.granularities.join(', ')}`],
      ['points', describeCounts(report)],
      ...(report.lossy > 0 ? [['rounded', `${plural(report.lossy, 'point')}, as the store holds them`] as const] : []),
      ['chunks', describeChunks(report)],
      [
        'rows',
        `${formatCount(report.rows)} written (${formatBytes(report.bytesWritten)}), ${describeVerification(summary)}`,
      ],
      ...(report.push.rows > 0 ? [['store', describePush(report)] as const] : []),
      ['held', `${plural(report.points, 'point')} in this range`],
      ...report.totals.filter(({ chunks }) => chunks > 0).map((total) => ['proof', describeTotal(total)] as const),
    ]),
    ...describeProblems(summary),
    ...(report.points > 0
      ? ['', `look at the points:  retrofill read ${quote(summary.to)} --granularity ${summary.granularities[0]}`]
      : []),
  ].join('\n')
}

function describeCounts({ counts }: BackfillReport): string {
  const classes = [
    [counts.written, 'written'],
    [counts.duplicate, 'duplicate'],
    [counts.notWanted, 'not asked for'],
    [counts.upToDate, 'up to date'],
    [counts.failed, 'not done'],
  ] as const
  const found = classes.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`)
  return `${formatCount(counts.read)} read${found.length > 0 ? ` = ${found.join(' + ')}` : ''}`
}

function describeChunks({ chunks }: BackfillReport): string {
  const { made, empty, upToDate } = chunks
  return `${formatCount(made)} made, ${formatCount(empty)} empty, ${formatCount(upToDate)} up to date`
}

const describePush = ({ push }: BackfillReport): string =>
  `${formatCount(push.rows)} rows put (${formatBytes(push.bytes)}), ${formatCount(push.verified)} read back and found equal`

function describeTotal({ granularity, chunks, proven, ...summary }: ProofTotal): string {
  const part = `${granularity}: ${formatCount(proven)} of ${plural(chunks, 'chunk')} read back and equal`
  return proven === 0 ? part : `${part}: ${describeSummary(summary)}`
}

function describeProblems({ report, exitCode, unsettledUntil, range }: BackfillSummary): string[] {
  const nothing =
    exitCode === ExitCode.nothing
      ? ['no points at all: check --metric and the times; --allow-empty makes this no failure']
      : []
  const unsettled =
    unsettledUntil !== undefined && range
      ? [`values after ${formatTime(range.end)} may still change and were left out; run it again later`]
      : []
  return [
    ...nothing,
    ...unsettled,
    ...list('metrics without any point', report.missingMetrics),
    ...list('the source says', report.notices.map(describeRemark)),
    ...list('rows read back differ', report.mismatched.map(describeFailure)),
    ...list('series that differ', (report.proof?.different ?? []).map(describeMismatch)),
    ...list('refused; --allow-shrink allows it', report.refused.map(describeFailure)),
    ...list('not done', report.failed.map(describeRemark)),
    ...list('slots not written; --partial-slots writes them', report.partialSlots.map(describeFailure)),
  ]
}

const describeRemark = ({ range, text }: Remark): string => `${describeRange(range)}${text}`
const describeRange = (range: Remark['range']): string => (range.start > always.start ? `${formatRange(range)}: ` : '')
const describeMismatch = ({ granularity, range, series, read, found }: SeriesMismatch): string =>
  [
    `${series}, ${granularity} ${formatRange(range)}`,
    `    read       ${describeSummary(read)}`,
    `    read back  ${describeSummary(found)}`,
  ].join('\n')
