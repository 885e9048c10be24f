import { join } from 'node:path'
import { Kind, type PointBatch } from '../../metric/points.ts'
import { isPoints, matchRows } from '../../metric/rows.ts'
import type { Query } from '../../source/source.ts'
import type { Store } from '../../store/store.ts'
import { full } from '../../time/granularity.ts'
import { formatRange, hull, type Range, split } from '../../time/range.ts'
import { refusal } from '../../util/errors.ts'
import { commitSpan } from '../commit.ts'
import type { CoarseContext } from '../context.ts'
import type { Span } from '../ledger.ts'
import type { BackfillOptions } from './options.ts'
import { chooser, readSplitting } from './read.ts'
import type { BackfillReport } from './report.ts'
import { openStage, type Stage } from './stage.ts'
import { isDone } from './stretches.ts'

/** What the steps of a backfill share. */
export interface QueryContext extends CoarseContext {
  readonly options: BackfillOptions
  readonly report: BackfillReport
  readonly query: Query
  readonly inputs: string
  readonly resolution?: number
  readonly temporary: string
  readonly shape: (batch: PointBatch) => PointBatch
  /** Names of metrics that gave points. */
  readonly found: Set<string>
  /** Whether points that others have written may be replaced. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Lets one stretch be written at a time: a lake has one writer. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** Reads a stretch of the range, whole, and then makes it durable hour by hour; resolves to the spans made. */
export async function makeStretch(context: QueryContext, stretch: Range, signal: AbortSignal): Promise<Span[]> {
  await using stage = await openStage(join(context.temporary, `${stretch.start}-${stretch.end}.points`))
  await readIntoStage(context, stage, { stretch, signal })
  context.report.stretches++
  return await context.inTurn(() => commitStage(context, stage, stretch))
}

async function readIntoStage(
  { options, query, resolution, report, shape, found }: QueryContext,
  stage: Stage,
  { stretch, signal }: { stretch: Range; signal: AbortSignal },
): Promise<void> {
  const choose = chooser(options.metrics, found)
  const onNotice = (text: string) => void report.notices.push({ range: stretch, text })
  for await (const batch of readSplitting(
    options.from.source,
    { query, range: stretch, resolution },
    { signal, onNotice },
  )) {
    const chosen = choose(batch, stretch)
    report.counts.read += batch.length
    report.counts.notWanted += batch.length - chosen.length
    if (chosen.length > 0) await stage.add(shape(chosen))
  }
}

/** Makes the hours of a stretch durable and records them together, when all of them are. */
async function commitStage(context: QueryContext, stage: Stage, stretch: Range): Promise<Span[]> {
  const { ledger, options, report, pusher } = context
  // Otherwise only what is to do is read at all.
  const isUnbounded = stretch === always
  const spans: Span[] = []
  for (const range of partsOf(stage, stretch)) {
    context.signal.throwIfAborted()
    const { points, duplicates } = await stage.read(range)
    if (isUnbounded && !options.refresh && isDone(ledger, range, context.inputs)) {
      report.counts.upToDate += points.length + duplicates
      report.chunks.upToDate++
      continue
    }
    requireExact(context, points)
    const held = keepsPoints(context.options) ? 'lake' : 'staging'
    const draft = { granularity: full, range, rows: points, inputs: context.inputs, duplicates, held } as const
    const span = await commitSpan(context, draft)
    report.counts.duplicate += duplicates
    report.counts.written += span ? points.length : 0
    if (span) spans.push(span)
    if (span) report.chunks[points.length > 0 ? 'made' : 'empty']++
  }
  await ledger.record(full, spans)
  await pusher?.push(full, spans)
  return spans
}

/** The parts of a stretch that are committed one by one. Where it has no bounds, they are those of its points. */
function partsOf(stage: Stage, stretch: Range): Range[] {
  if (stretch !== always) return split(stretch, full.chunk)
  return stage.windows.length === 0 ? [] : split(hull(stage.windows), full.chunk)
}

/** The last instant that a Date can hold; the first is as far before the epoch. */
const lastInstant = 8.64e15

/** All that there is. */
export const always: Range = { start: -lastInstant, end: lastInstant }

/** Whether points themselves are wanted where they go, or only rollups made from them. */
export const keepsPoints = ({ granularities }: BackfillOptions): boolean => granularities.includes(full)

/** Refuses points that the store would change, unless that is allowed; counts them. */
function requireExact({ options, report }: QueryContext, points: PointBatch): void {
  if (options.to.kind === 'lake' || !keepsPoints(options) || points.length === 0) return
  const lossy = countLossy(options.to.store, points)
  report.lossy += lossy
  if (lossy > 0 && !options.allowLossy)
    throw refusal(
      `${lossy} points cannot be held exactly, the first hour of them ${formatRange(hull([{ start: points.time[0], end: points.time[0] + 1 }]))}`,
      '--allow-lossy lets times and values be rounded as the store does it',
    )
}

function countLossy(store: Store, points: PointBatch): number {
  const held = store.normalise?.(points, full)
  if (!held || !isPoints(held)) return 0
  const matches = matchRows(points, held)
  return matches.reduce((count, row, i) => count + Number(row < 0 || numberAt(points, i) !== numberAt(held, row)), 0)
}

/** The value as it counts: 4 and 4.0 are the same number, and so are all NaNs. */
function numberAt({ kind, value, wide }: PointBatch, row: number): number | bigint | string {
  if (kind[row] !== Kind.double) return wide?.[row] ?? BigInt(value[row])
  if (Number.isNaN(value[row])) return 'NaN'
  return Number.isInteger(value[row]) ? BigInt(value[row]) : value[row]
}
