import { describeSummary } from '../backfill/proof.ts'
import type { Comparison, SeriesDifference } from '../backfill/query/verify-copy.ts'
import type { MetricsFormat } from '../metrics-file/write.ts'
import { formatRange, formatTime, type Range } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { type Context, print } from './context.ts'
import { formatCount, list, plural } from './format.ts'
import { openStore } from './open-store.ts'
import { showShare } from './share-progress.ts'
import type { ShapeFlags, SourceFlags } from './source-flags.ts'
import { openFrom, readShaping } from './source-options.ts'

export type VerifyPoints = SourceFlags &
  ShapeFlags & {
    readonly from: string
    readonly to: string
    readonly retries: number
    /** Absent: all that there is. */
    readonly range: Range | undefined
    readonly format: MetricsFormat
    readonly output: 'text' | 'json'
    readonly quiet: boolean
  }

/** Compares what a source has with the points of a store, whoever has copied them. */
export async function verifyPoints(context: Context, flags: VerifyPoints): Promise<ExitCode> {
  const { verifyCopy } = await import('../backfill/query/verify-copy.ts')
  const from = await openFrom(context, flags)
  const copy = await openCopy(context, flags)
  const progress = showShare(context, flags)
  const effects = { signal: context.signal, now: context.now, onStretch: progress.share }
  const options = { ...(await readShaping(context, flags)), from, copy, range: flags.range } as const
  const comparison = await verifyCopy({ ...options, concurrency: from.concurrency, order: 'oldest-first' }, effects)
  progress.end()
  print(context, flags.output === 'json' ? JSON.stringify(comparison) : formatComparison(comparison))
  if (comparison.different.length > 0) return ExitCode.mismatch
  if (comparison.failed.length > 0) return ExitCode.incomplete
  return comparison.series === 0 ? ExitCode.nothing : ExitCode.ok
}

async function openCopy(context: Context, { to, format }: VerifyPoints) {
  if (format === 'plain') return openStore(context, to)
  const { metricsFileSource } = await import('../source/metrics-file-source.ts')
  return metricsFileSource(to, { format })
}

/** Both sides are named by words of one length. */
function formatComparison(comparison: Comparison): string {
  const { series, same, points, different, range, unsettledUntil } = comparison
  return [
    ...different.flatMap(formatDifference),
    ...(unsettledUntil !== undefined && range
      ? [`values after ${formatTime(range.end)} may still change and were left out`]
      : []),
    ...list('metrics without any point', comparison.missingMetrics),
    ...list(
      'the source says',
      comparison.notices.map(({ text }) => text),
    ),
    ...list(
      'not compared',
      comparison.failed.map(({ range: part, text }) => `${formatRange(part)}: ${text}`),
    ),
    `${formatCount(same)} of ${plural(series, 'series', 'series')} are the same, ${formatCount(points)} points read`,
  ].join('\n')
}

const formatDifference = ({ series, from, to, chunks, first }: SeriesDifference): string[] => [
  `different  ${series}`,
  `  from  ${describeSummary(from)}`,
  `  to    ${describeSummary(to)}`,
  `  in ${plural(chunks, 'chunk')}, the first ${formatRange(first)}`,
]
