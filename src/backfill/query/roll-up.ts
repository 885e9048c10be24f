import { linesOfPoints } from '../../metric/lines.ts'
import type { PointBatch } from '../../metric/points.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import { sequenceOf } from '../../metric/sequence.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import { openSlots } from '../../rollup/slots.ts'
import { full, min5, slotOf } from '../../time/granularity.ts'
import { intersect, type Range, snapOutward, split } from '../../time/range.ts'
import { digest, isUpToDate, judgeSlots, makeCoarse } from '../coarse.ts'
import { commitSpan } from '../commit.ts'
import { lakeOf } from '../context.ts'
import type { Span } from '../ledger.ts'
import { spanRows } from '../superseded.ts'
import type { QueryContext } from './stretch.ts'

/** Makes the levels of a range from its points, wherever those are others than the ledger remembers. */
export async function makeLevels(context: QueryContext, range: Range): Promise<void> {
  const levels = context.options.granularities.filter((granularity) => granularity !== full)
  if (levels.length === 0) return
  for (const part of split(snapOutward(range, min5.size), min5.chunk)) {
    context.signal.throwIfAborted()
    await makeFinest(context, part)
  }
  await makeCoarse(context, { range, granularities: levels.filter((granularity) => granularity !== min5) })
}

async function makeFinest(context: QueryContext, part: Range): Promise<void> {
  const { ledger, options, report } = context
  const held: Span['held'] = options.granularities.includes(min5) ? 'lake' : 'staging'
  const lake = await lakeOf(context, held)
  const made: Span[] = []
  const { whole } = judgeSlots(ledger.done(full, part), min5, part)
  for (const range of whole) {
    const inputs = digest(ledger.done(full, range))
    if (await isUpToDate({ ledger, lake }, { granularity: min5, range, inputs })) report.chunks.upToDate++
    else {
      const rows = rollUpPoints(await pointsOf(context, range), context.settings.mean)
      const span = await commitSpan(context, {
        granularity: min5,
        range,
        rows: sequenceOf(rows),
        inputs,
        duplicates: 0,
        held,
      })
      if (span) made.push(span)
    }
  }
  await ledger.record(min5, made)
  await context.pusher?.push(min5, made)
}

/** The job's points of a part of an hour, from whichever lake holds them. */
async function pointsOf(context: QueryContext, range: Range): Promise<PointBatch[]> {
  const parts: PointBatch[] = []
  for (const span of context.ledger.done(full, range)) {
    const lake = await lakeOf(context, span.held)
    const points = span.rows > 0 ? await spanRows(lake, full, intersect(span, range)) : undefined
    if (points) parts.push(points as PointBatch)
  }
  return parts
}

/** Rolls points in canonical order up to 5m, in canonical order. */
export function rollUpPoints(parts: readonly PointBatch[], mean: MeanMode): RollupBatch {
  const slots = openSlots(min5, mean)
  for (const points of parts) {
    const batch = linesOfPoints(points)
    const starts = new Set(Array.from(points.time, (time) => slotOf(min5, time)))
    for (const start of starts) slots.add(slots.open(start), { batch, from: 0, to: points.length })
  }
  const rows = slots.finish().whole()
  slots.discard()
  return rows
}
