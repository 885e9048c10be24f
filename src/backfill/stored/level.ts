import type { RollupBatch } from '../../metric/rollups.ts'
import type { RowBatch } from '../../metric/rows.ts'
import { pointsOf, sequenceOf } from '../../metric/sequence.ts'
import { checksum } from '../../store/lake/checksum.ts'
import type { Granularity } from '../../time/granularity.ts'
import { covers, hull, type Range } from '../../time/range.ts'
import { commitSpan } from '../commit.ts'
import type { Span } from '../ledger.ts'
import type { LevelSpan, StoredContext } from './options.ts'

/** Reads rows of the series that the job is about. */
export function readRows(
  { signal, options: { source, glob, names } }: StoredContext,
  { granularity, range }: LevelSpan,
): AsyncIterable<RowBatch> {
  signal.throwIfAborted()
  return source.read({ granularity, glob, names }, range, { signal })
}

/** A part of a chunk together with the done spans that it touches: what is done is made again as a whole. */
export const widen = ({ ledger }: StoredContext, granularity: Granularity, part: Range): Range =>
  hull([part, ...ledger.done(granularity, part)])

/** Makes a span durable and pushes it, unless it is as it was, or the store has since lost some of what it was made of. */
export async function commitLevel(context: StoredContext, level: LevelSpan, rows: RollupBatch): Promise<void> {
  const { ledger, report, pusher } = context
  const { granularity, range } = level
  const [known, ...others] = ledger.done(granularity, range)
  const isDone = known && others.length === 0 && covers(known, range) && (await isThere(context, level, known))
  if (isDone && (known.checksum === checksum(rows) || hasLost(context, known, rows))) {
    report.chunks.upToDate++
    return
  }
  const span = await commitSpan(context, {
    granularity,
    range,
    rows: sequenceOf(rows),
    inputs: '',
    duplicates: 0,
    held: 'lake',
  })
  if (!span) return
  await ledger.record(granularity, [span])
  await pusher?.push(granularity, [span])
  report.chunks[rows.length === 0 ? 'empty' : 'made']++
}

const isThere = async ({ lake }: StoredContext, { granularity, range }: LevelSpan, known: Span): Promise<boolean> =>
  known.rows === 0 || lake.has(granularity, range)

const hasLost = ({ settings }: StoredContext, known: Span, rows: RollupBatch): boolean =>
  !settings.allowShrink && (pointsOf(rows) < known.points || rows.length < known.rows)
