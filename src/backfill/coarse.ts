import { createHash } from 'node:crypto'
import { arrange, within } from '../metric/arrange.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { sequenceOf } from '../metric/sequence.ts'
import { coarsen } from '../rollup/coarsen.ts'
import { finerThan, type Granularity, min5 } from '../time/granularity.ts'
import {
  covers,
  formatRange,
  hour,
  hull,
  intersect,
  isEmpty,
  overlaps,
  type Range,
  snapOutward,
  split,
  union,
} from '../time/range.ts'
import { commitSpan, refuseSpan } from './commit.ts'
import type { CoarseContext } from './context.ts'
import { disownLost, findHeld, heldBy, isHeld, lakeOf } from './held.ts'
import type { Span } from './ledger.ts'

/** What a run is asked to make of levels coarser than 5m. */
interface CoarseWork {
  readonly range: Range
  readonly granularities: readonly Granularity[]
}

/** Makes the coarser levels of a range, day by day, from the 5m rollups that the ledger covers. */
export async function makeCoarse(context: CoarseContext, { range, granularities }: CoarseWork): Promise<void> {
  for (const granularity of granularities) {
    for (const part of split(snapOutward(range, granularity.size), granularity.chunk)) {
      context.signal.throwIfAborted()
      await makeDay(context, granularity, part)
    }
  }
}

/** Makes again what earlier runs have made of coarser levels, other than those `made` by this one, where 5m rollups are others now. */
export async function refreshCoarse(context: CoarseContext, made: CoarseWork): Promise<void> {
  const { ledger } = context
  for (const granularity of ledger.granularities().filter(({ size }) => size > min5.size)) {
    const isAsked = made.granularities.some(({ name }) => name === granularity.name)
    for (const span of ledger.spans(granularity))
      if (!isAsked || !overlaps(span, made.range)) await makeDay(context, granularity, span)
  }
}

async function makeDay(context: CoarseContext, granularity: Granularity, wantedPart: Range): Promise<void> {
  const { ledger, report, settings } = context
  // A span that is done is judged and made as a whole.
  const part = hull([wantedPart, ...ledger.done(granularity, wantedPart)])
  await disownLost(heldBy(context), { granularity, range: part })
  const { whole, partial } = judgeSlots(ledger.done(min5, part), granularity, part)
  const isMade = (slot: Range) => settings.partialSlots || ledger.done(granularity, slot).length > 0
  const wanted = union([...whole, ...partial.filter(isMade)])
  for (const range of partial.filter((slot) => !isMade(slot))) {
    const reason = `${formatRange(range)} is only partly covered by 5m rollups`
    report.partialSlots.push({ granularity: granularity.name, range, reason })
  }
  report.chunks.made += await makeDerived(context, wanted, {
    granularity,
    finer: min5,
    held: () => 'lake',
    rowsOf: (range) => coarseRows(context, granularity, range),
    describeGone: (ranges) => `the 5m rollups of ${ranges} are gone: roll these up again first`,
  })
}

/** How a level is made of a finer one. */
export interface Derivation {
  readonly granularity: Granularity
  readonly finer: Granularity
  /** Where its rows of a range go. */
  held(range: Range): Span['held']
  /** Its rows of a range, of what is there of the finer ones. */
  rowsOf(range: Range): Promise<RollupBatch>
  /** Says that finer rows of some ranges are gone, and what is to be done. */
  describeGone(ranges: string): string
}

/** Makes those of some ranges whose finer rows are others now than the ledger remembers; resolves to how many were made. */
export async function makeDerived(
  context: CoarseContext,
  ranges: readonly Range[],
  derivation: Derivation,
): Promise<number> {
  const { granularity, finer } = derivation
  const { ledger, report, pusher } = context
  const made: Span[] = []
  for (const range of ranges) {
    const inputs = digest(ledger.done(finer, range))
    if (await isUpToDate(context, { granularity, range, inputs })) report.chunks.upToDate++
    else {
      const span = await makeSpan(context, range, derivation)
      if (span) made.push(span)
    }
  }
  await ledger.record(granularity, made)
  await pusher?.push(granularity, made)
  return made.length
}

/** Makes a span of what is there of its finer rows. Refuses it where a file of them is gone, unless a span may shrink. */
async function makeSpan(
  context: CoarseContext,
  range: Range,
  { granularity, finer, held, rowsOf, describeGone }: Derivation,
): Promise<Span | undefined> {
  const { there, gone } = await findHeld(heldBy(context), { granularity: finer, range })
  if (gone.length > 0 && !context.settings.allowShrink)
    return refuseSpan(context, { granularity, range }, describeGone(union(gone).map(formatRange).join(', ')))
  const made = { rows: sequenceOf(await rowsOf(range)), inputs: digest(there), duplicates: 0, isDerived: true }
  return commitSpan(context, { granularity, range, held: held(range), ...made })
}

/** The runs of slots of a part that finer spans cover whole, and the slots that they cover in part. */
export function judgeSlots(
  finer: readonly Range[],
  granularity: Granularity,
  part: Range,
): { whole: Range[]; partial: Range[] } {
  const covered = union(finer)
  const whole: Range[] = []
  const partial: Range[] = []
  for (const slot of split(part, granularity.size)) {
    if (covered.some((span) => covers(span, slot))) whole.push(slot)
    else if (covered.some((span) => !isEmpty(intersect(span, slot)))) partial.push(slot)
  }
  return { whole: union(whole), partial }
}

/** What feeds a span that is made from others. */
export const digest = (spans: readonly Span[]): string => {
  const hash = createHash('sha256')
  for (const { start, end, checksum } of spans) hash.update(`${start} ${end} ${checksum}\n`)
  return hash.digest('hex').slice(0, 32)
}

/** Whether a span is done with these inputs, and its file there. */
async function isUpToDate(
  context: CoarseContext,
  { granularity, range, inputs }: { granularity: Granularity; range: Range; inputs: string },
): Promise<boolean> {
  const [span, ...others] = context.ledger.done(granularity, range)
  if (!span || others.length > 0 || !covers(span, range) || span.inputs !== inputs) return false
  return isHeld(heldBy(context), granularity, span)
}

/** Rolls the 5m rollups of a range up, hour by hour as far as the levels' slots fit into hours. */
async function coarseRows(context: CoarseContext, granularity: Granularity, range: Range): Promise<RollupBatch> {
  const path = pathTo(granularity)
  const hourly = path.filter(({ size }) => hour % size === 0)
  const parts: RollupBatch[] = []
  for (const span of split(range, hour)) {
    let rows = await finestRows(context, span)
    for (const level of hourly) rows = coarsen(rows, level, context.settings.mean)
    if (rows.length > 0) parts.push(rows)
  }
  let rows = arrange(parts)
  for (const level of path.slice(hourly.length)) rows = coarsen(rows, level, context.settings.mean)
  return arrange([rows])
}

/** The levels between 5m and a granularity, finest first, itself included. */
function pathTo(granularity: Granularity): Granularity[] {
  const finer = finerThan(granularity)
  return finer.size <= min5.size ? [granularity] : [...pathTo(finer), granularity]
}

/** The job's 5m rollups of a part of an hour, from whichever lake holds them. */
async function finestRows(context: CoarseContext, part: Range): Promise<RollupBatch> {
  const parts: RollupBatch[] = []
  for (const span of context.ledger.done(min5, part)) {
    const rows = span.rows > 0 ? await (await lakeOf(context, span.held)).own(min5, span) : undefined
    if (rows) parts.push(within(rows as RollupBatch, intersect(span, part)))
  }
  return arrange(parts)
}
