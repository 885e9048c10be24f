import { allocateRollups } from '../metric/rollups.ts'
import { sequenceOf } from '../metric/sequence.ts'
import { chunkOf, min5 } from '../time/granularity.ts'
import { overlaps, type Range } from '../time/range.ts'
import { commitSpan } from './commit.ts'
import type { RunContext } from './context.ts'
import { heldBy, whereHeld } from './held.ts'
import type { Span } from './ledger.ts'
import { type PassGuard, runPass } from './pass.ts'
import { filesOf, groupIntoPasses, missingSpans, staleSpans } from './plan.ts'
import type { Report } from './report.ts'

/** Records those of some spans that no file has points for: they are done, and hold nothing. */
export async function recordEmpty(context: RunContext, candidates: readonly Range[]): Promise<void> {
  const { catalogue, ledger, report, settings } = context
  const spans: Span[] = []
  for (const empty of candidates.filter((span) => catalogue.feeding(span).length === 0)) {
    const span = await commitSpan(context, {
      granularity: min5,
      range: empty,
      rows: sequenceOf(allocateRollups(0, [])),
      inputs: catalogue.inputsOf(empty),
      duplicates: 0,
      held: whereHeld(ledger, { granularity: min5, range: empty }, settings.keeps5m),
    })
    if (span) spans.push(span)
  }
  await ledger.record(min5, spans)
  await context.pusher?.push(min5, spans)
  report.chunks.empty += spans.length
}

/** How many hours may be open at once while chunks are made again. */
const openHours = 4

/**
 * Makes again what has new inputs, wherever it lies, and makes what of a range was left to do because late points were to come.
 * @param before only chunks that end before it
 */
export async function makeAgain(context: RunContext, range: Range, before = Number.POSITIVE_INFINITY): Promise<void> {
  const { catalogue, ledger } = context
  const isMeant = (span: Range) => chunkOf(min5, span.start).end < before
  await recordEmpty(context, [...staleSpans(ledger, catalogue), ...ledger.missing(min5, range)].filter(isMeant))
  const stale = staleSpans(ledger, catalogue)
  const missing = await missingSpans(heldBy(context), range)
  const undone = [...stale, ...missing.filter((span) => !stale.some((other) => overlaps(other, span)))]
  await makeSpans(context, undone.filter(isMeant))
}

/** Makes spans from all files that feed them. */
async function makeSpans(context: RunContext, spans: readonly Range[]): Promise<void> {
  const { catalogue, report } = context
  const toMake = spans.filter((span) => !hasFailed(report, span))
  for (const targets of groupIntoPasses(toMake, catalogue, openHours)) {
    const files = filesOf(catalogue, targets).map((file) => ({ file, isNew: false }))
    await runPass(context, { range: allTime, targets, files, closing: 'lastFile' }, noGuard)
  }
}

/** Whether this run has failed to make a span. */
export const hasFailed = ({ refused, mismatched }: Report, span: Range): boolean =>
  [...refused, ...mismatched].some((failure) => overlaps(failure.range, span))

/** Points of slots that are not made again are of no concern here. */
const allTime: Range = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }

const noGuard: PassGuard = { late() {}, rejects() {} }
