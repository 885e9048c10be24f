import { arrangePoints } from '../../metric/arrange-points.ts'
import { type PointBatch, selectPoints } from '../../metric/points.ts'
import { sequenceOf } from '../../metric/sequence.ts'
import type { Lake } from '../../store/lake/lake.ts'
import { chunkOf, full } from '../../time/granularity.ts'
import { always, contains, hull, intersect, overlaps, type Range, split, type Time } from '../../time/range.ts'
import type { Turnstile } from '../../util/concurrency.ts'
import { commitSpan } from '../commit.ts'
import type { CoarseContext } from '../context.ts'
import { findHeld, heldBy, whereHeld } from '../held.ts'
import type { Span } from '../ledger.ts'
import type { Proof } from '../proof.ts'
import { requireExact } from './exact.ts'
import { heldPoints } from './held-points.ts'
import type { BackfillOptions } from './options.ts'
import { hullOf, type Reading, readStretch } from './read-stretch.ts'
import type { BackfillReport } from './report.ts'
import type { Stage } from './stage.ts'
import { doneHours, isDone } from './stretches.ts'

/** What the steps of a backfill share. */
export interface QueryContext extends CoarseContext, Reading {
  readonly options: BackfillOptions
  readonly report: BackfillReport
  readonly inputs: string
  /** See `Workspace`. */
  readonly superseded?: Lake
  /** Compares what was read with what is read back from where it goes. */
  readonly proof: Proof
  /** Whether points that others have written may be replaced. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Lets as many stretches be read at a time as the source bears. */
  readonly inPlace: Turnstile
  /** Lets one stretch be written at a time: a lake has one writer. */
  readonly inTurn: Turnstile
}

/** What is read in one call, and the parts of it that are to do. */
interface Work {
  readonly stretch: Range
  readonly todo: readonly Range[]
}

/** Reads a stretch of the range, whole, and then makes it durable hour by hour; resolves to the spans made. */
export async function makeStretch(context: QueryContext, work: Work, signal: AbortSignal): Promise<Span[]> {
  await using stage = await context.inPlace(() => readStretch(context, work.stretch, signal), signal)
  context.report.stretches++
  return await context.inTurn(() => commitStage(context, stage, work), signal)
}

/** Makes the hours of a stretch durable and records them together, when all of them are. */
async function commitStage(context: QueryContext, stage: Stage, { stretch, todo }: Work): Promise<Span[]> {
  const { ledger, report, pusher, signal } = context
  const isUnbounded = stretch === always
  const wanted = isUnbounded ? allOf(context, stage) : todo.map((part) => intersect(part, stretch))
  const parts = wanted.flatMap((part) => split(part, full.chunk))
  const spans: Span[] = []
  for (const range of parts) {
    signal.throwIfAborted()
    const found = await stage.read(range)
    // Where there are bounds, only what is to do is read at all, but for a source that is read once.
    if (isUnbounded && (await isKept(context, range, found))) leave(report, found)
    else {
      const span = await commitPart(context, range, found)
      if (span) spans.push(span)
    }
  }
  const looked = new Set(parts.map(({ start }) => chunkOf(full, start).start))
  for (const window of stage.windows) if (!looked.has(window.start)) leave(report, await stage.read(window))
  await ledger.record(full, spans)
  await ledger.end(
    full,
    parts.filter((part) => !isMismatched(report, part)),
  )
  await pusher?.push(full, spans)
  return spans
}

/** The range of all that there is, or was when it was read before. */
function allOf({ ledger, options }: QueryContext, { windows }: Stage): Range[] {
  const before = options.from.source.once ? [] : doneHours(ledger)
  const range = hullOf([...windows, ...before])
  return range ? [range] : []
}

/** Whether the rows of the hour that a part lies in were not read back as they were to be. */
const isMismatched = ({ mismatched }: BackfillReport, { start }: Range): boolean =>
  mismatched.some(({ granularity, range }) => granularity === full.name && contains(chunkOf(full, start), range.start))

type Found = Awaited<ReturnType<Stage['read']>>

function leave({ counts, chunks }: BackfillReport, { points, duplicates }: Found): void {
  counts.upToDate += points.length + duplicates
  chunks.upToDate++
}

async function isKept(context: QueryContext, range: Range, { points }: Found): Promise<boolean> {
  const { options, inputs } = context
  const held = heldBy(context)
  // What is lost is not to be taken for empty where nobody speaks of it.
  if (options.from.source.once && points.length === 0)
    return (await findHeld(held, { granularity: full, range })).gone.length > 0
  const isRefreshed = options.refresh !== undefined && overlaps(range, options.refresh)
  return !isRefreshed && isDone(held, range, inputs)
}

async function commitPart(context: QueryContext, part: Range, found: Found): Promise<Span | undefined> {
  const { ledger, options, report, inputs } = context
  const { range, points } = options.from.source.once
    ? await withEarlier(context, part, found.points)
    : { range: part, points: found.points }
  const held = whereHeld(ledger, { granularity: full, range }, keepsPoints(options))
  if (options.to.kind !== 'lake' && held === 'lake') report.lossy += requireExact(options.to.store, points, options)
  const { duplicates } = found
  await ledger.begin(full, range)
  const draft = { granularity: full, range, rows: sequenceOf(points), inputs, duplicates, held }
  const span = await commitSpan(context, draft)
  report.counts.duplicate += duplicates
  report.counts[span ? 'written' : 'failed'] += found.points.length
  if (span) report.chunks[points.length > 0 ? 'made' : 'empty']++
  return span
}

/** Points together with those of earlier readings, which stay: but for those of the same part, where it was named or has others, and may shrink. */
async function withEarlier(
  context: QueryContext,
  part: Range,
  points: PointBatch,
): Promise<{ range: Range; points: PointBatch }> {
  const { ledger, options } = context
  const range = hull([part, ...ledger.done(full, part)])
  const mayShrink = options.allowShrink && (options.range !== undefined || points.length > 0)
  const isEarlier = (_text: string, time: Time) => !mayShrink || !contains(part, time)
  const earlier = (await heldPoints(context, range)).map((batch) => selectPoints(batch, isEarlier))
  return { range, points: arrangePoints([...earlier, points]) }
}

/** Whether points themselves are wanted where they go, or only rollups made from them. */
export const keepsPoints = ({ granularities }: BackfillOptions): boolean => granularities.includes(full)
