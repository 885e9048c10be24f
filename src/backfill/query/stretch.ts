import { sequenceOf } from '../../metric/sequence.ts'
import { full } from '../../time/granularity.ts'
import { always, overlaps, type Range } from '../../time/range.ts'
import { commitSpan } from '../commit.ts'
import type { CoarseContext } from '../context.ts'
import { type Span, whereHeld } from '../ledger.ts'
import type { Proof } from '../proof.ts'
import { requireExact } from './exact.ts'
import type { BackfillOptions } from './options.ts'
import { partsOf, type Reading, readStretch } from './read-stretch.ts'
import type { BackfillReport } from './report.ts'
import type { Stage } from './stage.ts'
import { isDone } from './stretches.ts'

/** What the steps of a backfill share. */
export interface QueryContext extends CoarseContext, Reading {
  readonly options: BackfillOptions
  readonly report: BackfillReport
  readonly inputs: string
  /** Compares what was read with what is read back from where it goes. */
  readonly proof: Proof
  /** Whether points that others have written may be replaced. */
  readonly confirm: (question: string) => Promise<boolean>
  /** Lets as many stretches be read at a time as the source bears. */
  readonly inPlace: <T>(work: () => Promise<T>) => Promise<T>
  /** Lets one stretch be written at a time: a lake has one writer. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** Reads a stretch of the range, whole, and then makes it durable hour by hour; resolves to the spans made. */
export async function makeStretch(context: QueryContext, stretch: Range, signal: AbortSignal): Promise<Span[]> {
  await using stage = await context.inPlace(() => readStretch(context, stretch, signal))
  context.report.stretches++
  return await context.inTurn(() => commitStage(context, stage, stretch))
}

/** Makes the hours of a stretch durable and records them together, when all of them are. */
async function commitStage(context: QueryContext, stage: Stage, stretch: Range): Promise<Span[]> {
  const { ledger, options, report, pusher } = context
  // Otherwise only what is to do is read at all.
  const isUnbounded = stretch === always
  const spans: Span[] = []
  for (const range of partsOf(stretch, stage)) {
    context.signal.throwIfAborted()
    const { points, duplicates } = await stage.read(range)
    if (isUnbounded && !isRefreshed(options, range) && isDone(ledger, range, context.inputs)) {
      report.counts.upToDate += points.length + duplicates
      report.chunks.upToDate++
      continue
    }
    const held = whereHeld(ledger, { granularity: full, range }, keepsPoints(options))
    if (options.to.kind !== 'lake' && held === 'lake') report.lossy += requireExact(options.to.store, points, options)
    const draft = {
      granularity: full,
      range,
      rows: sequenceOf(points),
      inputs: context.inputs,
      duplicates,
      held,
    } as const
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

const isRefreshed = ({ refresh }: BackfillOptions, range: Range): boolean =>
  refresh !== undefined && overlaps(range, refresh)

/** Whether points themselves are wanted where they go, or only rollups made from them. */
export const keepsPoints = ({ granularities }: BackfillOptions): boolean => granularities.includes(full)
