import { join } from 'node:path'
import type { PointBatch } from '../../metric/points.ts'
import type { Query } from '../../source/source.ts'
import { full } from '../../time/granularity.ts'
import { always, hull, overlaps, type Range, split } from '../../time/range.ts'
import { commitSpan } from '../commit.ts'
import type { CoarseContext } from '../context.ts'
import type { Span } from '../ledger.ts'
import type { Proof } from '../proof.ts'
import { requireExact } from './exact.ts'
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
  /** Compares what was read with what is read back from where it goes. */
  readonly proof: Proof
  readonly resolution?: number
  readonly temporary: string
  readonly shape: (batch: PointBatch) => PointBatch
  /** Names of metrics that gave points. */
  readonly found: Set<string>
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

async function readStretch(context: QueryContext, stretch: Range, signal: AbortSignal): Promise<Stage> {
  signal.throwIfAborted()
  const stage = await openStage(join(context.temporary, `${stretch.start}-${stretch.end}.points`))
  try {
    await readIntoStage(context, stage, { stretch, signal })
    return stage
  } catch (error) {
    await stage[Symbol.asyncDispose]()
    throw error
  }
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
    if (isUnbounded && !isRefreshed(options, range) && isDone(ledger, range, context.inputs)) {
      report.counts.upToDate += points.length + duplicates
      report.chunks.upToDate++
      continue
    }
    if (options.to.kind !== 'lake' && keepsPoints(options))
      report.lossy += requireExact(options.to.store, points, options)
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

const isRefreshed = ({ refresh }: BackfillOptions, range: Range): boolean =>
  refresh !== undefined && overlaps(range, refresh)

/** The parts of a stretch that are committed one by one. Where it has no bounds, they are those of its points. */
function partsOf(stage: Stage, stretch: Range): Range[] {
  if (stretch !== always) return split(stretch, full.chunk)
  return stage.windows.length === 0 ? [] : split(hull(stage.windows), full.chunk)
}

/** Whether points themselves are wanted where they go, or only rollups made from them. */
export const keepsPoints = ({ granularities }: BackfillOptions): boolean => granularities.includes(full)
