import { rollUpPoints } from '../../rollup/roll-up-points.ts'
import { full, min5 } from '../../time/granularity.ts'
import { hull, overlaps, type Range, snapOutward, split } from '../../time/range.ts'
import { digest, judgeSlots, makeCoarse, makeDerived, refreshCoarse } from '../coarse.ts'
import { disownLost, heldBy, whereHeld } from '../held.ts'
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
  for (const span of ledger.spans(min5))
    if (!overlaps(span, made) && span.inputs !== digest(ledger.done(full, span))) await makeFinest(context, span)
}

async function makeFinest(context: QueryContext, wantedPart: Range): Promise<void> {
  const { ledger, options, settings, signal } = context
  signal.throwIfAborted()
  // A span that is done is judged and made as a whole.
  const part = hull([wantedPart, ...ledger.done(min5, wantedPart)])
  await disownLost(heldBy(context), { granularity: min5, range: part })
  const { whole } = judgeSlots(ledger.done(full, part), min5, part)
  await makeDerived(context, whole, {
    granularity: min5,
    finer: full,
    held: (range) => whereHeld(ledger, { granularity: min5, range }, options.granularities.includes(min5)),
    rowsOf: async (range) => rollUpPoints(await heldPoints(context, range), settings.mean),
    describeGone: (ranges) => `the points of ${ranges} are gone: read these again first`,
  })
}
