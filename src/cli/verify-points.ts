import type { Comparison, SeriesSummary } from '../backfill/query/compare.ts'
import { always, type Range } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { type Context, print } from './context.ts'
import { formatCount, plural } from './format.ts'
import { openStore } from './open-store.ts'

export interface VerifyPoints {
  readonly from: string
  readonly to: string
  /** Absent: all that there is. */
  readonly range: Range | undefined
  readonly output: 'text' | 'json'
}

/** Compares the points of two stores, whoever has copied them. */
export async function verifyPoints(
  context: Context,
  { from, to, range = always, output }: VerifyPoints,
): Promise<ExitCode> {
  const { compareSources } = await import('../backfill/query/compare.ts')
  const sides = { from: await openStore(context, from), to: await openStore(context, to) }
  const comparison = await compareSources(sides, { range }, context.signal)
  print(context, output === 'json' ? JSON.stringify(comparison) : formatComparison(comparison))
  if (comparison.series === 0) return ExitCode.nothing
  return comparison.different.length === 0 ? ExitCode.ok : ExitCode.mismatch
}

/** Both sides are named by words of one length. */
function formatComparison({ series, same, points, different }: Comparison): string {
  return [
    ...different.flatMap(({ series: text, from, to }) => [
      `different  ${text}`,
      `  from  ${describe(from)}`,
      `  to    ${describe(to)}`,
    ]),
    `${formatCount(same)} of ${plural(series, 'series', 'series')} are the same, ${formatCount(points)} points read`,
  ].join('\n')
}

const describe = (summary: SeriesSummary | undefined): string => {
  if (!summary) return 'no points'
  const { count, sum, min, max, hash } = summary
  return `${plural(count, 'point')}, sum ${sum}, min ${min}, max ${max}, hash ${hash}`
}
