import { linesOfPoints } from '../../metric/lines.ts'
import type { PointBatch } from '../../metric/points.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import { sequenceOf } from '../../metric/sequence.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import { openSlots } from '../../rollup/slots.ts'
import { full, min5, slotOf } from '../../time/granularity.ts'
import { formatRange, hull, overlaps, type Range, snapOutward, split, union } from '../../time/range.ts'
import { digest, isUpToDate, judgeSlots, makeCoarse, refreshCoarse } from '../coarse.ts'
import { commitSpan, refuseSpan } from '../commit.ts'
import { disownLost, findHeld, heldBy, whereHeld } from '../held.ts'
import type { Span } from '../ledger.ts'
import { publishStaged } from '../publish.ts'
import { heldPoints } from './held-points.ts'
import type { QueryContext } from './stretch.ts'

/** Makes the levels of a range from its points, and again what earlier runs have made, wherever points are others than the ledger remembers. */
export async function makeLevels(context: QueryContext, range: Range): Promise<void> {
  const { granularities } = context.options
  const coarse = { range, granularities: granularities.filter(({ size }) => size > min5.size) }
  const made = granularities.some((granularity) => granularity !== full) ? snapOutward(range, min5.size) : nothing
  for (const part of split(made, min5.chunk)) await makeFinest(context, part)
  await refreshFinest(context, made)
  if (granularities.includes(min5)) await publishStaged(context, min5, range)
  await makeCoarse(context, coarse)
  await refreshCoarse(context, coarse)
}

const nothing: Range = { start: 0, end: 0 }

/** Makes again what earlier runs have made of 5m rollups, other than those `made` by this one, where points are others now. */
async function refreshFinest(context: QueryContext, made: Range): Promise<void> {
  const { ledger } = context
  const spans = ledger.chunks(min5).flatMap((start) => ledger.done(min5, { start, end: start + min5.chunk }))
  for (const span of spans)
    if (!overlaps(span, made) && span.inputs !== digest(ledger.done(full, span))) await makeFinest(context, span)
}

async function makeFinest(context: QueryContext, wantedPart: Range): Promise<void> {
  const { ledger, report, signal } = context
  signal.throwIfAborted()
  // A span that is done is judged and made as a whole.
  const part = hull([wantedPart, ...ledger.done(min5, wantedPart)])
  await disownLost(heldBy(context), { granularity: min5, range: part })
  const made: Span[] = []
  const { whole } = judgeSlots(ledger.done(full, part), min5, part)
  for (const range of whole) {
    const inputs = digest(ledger.done(full, range))
    if (await isUpToDate(context, { granularity: min5, range, inputs })) report.chunks.upToDate++
    else {
      const span = await makeSpan(context, range)
      if (span) made.push(span)
    }
  }
  await ledger.record(min5, made)
  await context.pusher?.push(min5, made)
}

/** Makes a span of what is there of its points. Refuses it where a file of them is gone, unless a span may shrink. */
async function makeSpan(context: QueryContext, range: Range): Promise<Span | undefined> {
  const { ledger, options, settings } = context
  const { there, gone } = await findHeld(heldBy(context), { granularity: full, range })
  if (gone.length > 0 && !settings.allowShrink) {
    const reason = `the points of ${union(gone).map(formatRange).join(', ')} are gone: read these again first`
    return refuseSpan(context, { granularity: min5, range }, reason)
  }
  const rows = sequenceOf(rollUpPoints(await heldPoints(context, range), settings.mean))
  const held = whereHeld(ledger, { granularity: min5, range }, options.granularities.includes(min5))
  const made = { rows, inputs: digest(there), duplicates: 0, isDerived: true }
  return commitSpan(context, { granularity: min5, range, held, ...made })
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
