import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { StoreOptions } from '../store/store.ts'
import { chunkOf, type Granularity } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'
import { type Finding, findDifference } from './difference.ts'
import type { Ledger, Span } from './ledger.ts'
import type { PushOptions } from './options.ts'
import type { Proof, ProofOutcome } from './proof.ts'
import { type Pushed, type PushPlace, type PushTarget, pushSpan } from './push.ts'
import type { Report } from './report.ts'
import { spanRows } from './span-rows.ts'

/** Feeds a store from a job's staging lake, span by span, and tells the ledger what the store has. */
export interface Pusher {
  /** Pushes those of some done spans that the store does not have as they are now. */
  push(granularity: Granularity, spans: readonly Span[]): Promise<void>
  /**
   * Ends pushes that have failed between two versions of a span. Before a third one is staged: of more than two it could not be told
   * which rows of the store are the job's own.
   */
  resume(): Promise<void>
  /**
   * Pushes what is left of a range, such as what an earlier run could not, and reads back what earlier runs have pushed: what is no
   * longer as it was is a mismatch, and is pushed again by the next run.
   */
  settle(granularity: Granularity, range: Range): Promise<void>
  /** Whether the store has a done span as it is now. */
  holds(granularity: Granularity, span: Span): Promise<boolean>
}

export interface PusherOptions extends PushTarget {
  /** The settings that the store's rows depend on beside the rows themselves: what was pushed with others is pushed again. */
  readonly settings: string
  /** Milliseconds after which the store may have let rows expire; absent where it keeps them. */
  lasts?(granularity: Granularity): number
}

export interface PusherContext {
  readonly ledger: Ledger
  readonly report: Pick<Report, 'push' | 'mismatched'>
  readonly signal: AbortSignal
  /** Compares what the store is to hold with what it holds, series by series. */
  readonly proof?: Proof
  now(): Time
}

/** The pusher of a run that feeds a store; none where it does not. */
export function openPusher(
  { push }: { readonly push?: PushOptions },
  context: PusherContext & { readonly lake: Lake; readonly superseded?: Lake },
): Pusher | undefined {
  const { lake: staging, superseded } = context
  return push && superseded && createPusher({ ...push, staging, superseded }, context)
}

export function createPusher(target: PusherOptions, context: PusherContext): Pusher {
  const { ledger, report, signal, proof } = context
  const fresh = new Map<string, Left>()
  const mismatched = new Set<string>()
  const keyOf = ({ name }: Granularity, { start, end }: Range) => `${name} ${start} ${end}`
  const fail = async (granularity: Granularity, { start, end }: Span, reason: string) => {
    mismatched.add(keyOf(granularity, { start, end }))
    report.mismatched.push({ granularity: granularity.name, range: { start, end }, reason })
    await ledger.fail(granularity, chunkOf(granularity, start).start, reason)
  }
  const push = async (granularity: Granularity, span: Span) => {
    signal.throwIfAborted()
    const { start, end } = span
    const pushed = await pushSpan(target, { granularity, range: { start, end } }, { signal })
    addPushed(report.push, pushed, fresh.get(keyOf(granularity, span)))
    const { difference, proven } = prove(proof, target, { granularity, range: span, finding: pushed })
    if (difference !== undefined) return fail(granularity, span, difference)
    fresh.set(keyOf(granularity, span), { kept: pushed.kept, larger: pushed.larger })
    await ledger.record(granularity, [{ ...span, pushed: { at: context.now(), as: target.settings }, proven }])
  }
  const review = async (granularity: Granularity, span: Span) => {
    signal.throwIfAborted()
    const finding = await readBack(target, { granularity, span }, { signal })
    if (!finding) return
    report.push.verified += finding.verified
    const { difference } = prove(proof, target, { granularity, range: span, finding })
    if (difference === undefined) return
    await ledger.record(granularity, [{ ...span, pushed: undefined, proven: undefined }])
    await fail(granularity, span, difference)
  }
  const isToPush = async (granularity: Granularity, span: Span) =>
    span.held === 'lake' &&
    span.pushed?.as !== target.settings &&
    (span.rows > 0 || (await target.superseded.has(granularity, span)))

  const isToReview = (granularity: Granularity, span: Span) => {
    if (!span.pushed || fresh.has(keyOf(granularity, span))) return false
    return context.now() < span.pushed.at + (target.lasts?.(granularity) ?? Number.POSITIVE_INFINITY)
  }

  return {
    async resume() {
      for (const granularity of ledger.granularities())
        for (const span of ledger.spans(granularity))
          if ((await isToPush(granularity, span)) && (await hasTwoVersions(target, granularity, span)))
            await push(granularity, span)
    },
    async push(granularity, spans) {
      for (const span of spans) if (await isToPush(granularity, span)) await push(granularity, span)
    },
    async settle(granularity, range) {
      for (const span of ledger.done(granularity, range)) {
        if (mismatched.has(keyOf(granularity, span))) continue
        if (await isToPush(granularity, span)) await push(granularity, span)
        else if (isToReview(granularity, span)) await review(granularity, span)
      }
    },
    holds: async (granularity, span) => !(await isToPush(granularity, span)),
  }
}

/** Whether a span has rows of an earlier version that a store may hold, and its own are there. */
const hasTwoVersions = async ({ superseded, staging }: PushTarget, granularity: Granularity, span: Span) =>
  (await superseded.has(granularity, span)) && (span.rows === 0 || (await staging.has(granularity, span)))

/** What the reading back of a span has come to, row by row and series by series. */
function prove(
  proof: Proof | undefined,
  { verify }: PusherOptions,
  { finding, ...place }: PushPlace & { finding: Finding },
): ProofOutcome {
  const outcome: ProofOutcome = verify === 'none' ? {} : (proof?.check(place, finding) ?? {})
  if (finding.difference !== undefined) return { difference: finding.difference }
  // A sample does not tell what all rows come to.
  return verify === 'sample' ? { difference: outcome.difference } : outcome
}

/** Compares what an earlier run has pushed, unless the store may rightly hold something else. */
async function readBack(
  target: PusherOptions,
  { granularity, span }: { granularity: Granularity; span: Span },
  options: StoreOptions,
): Promise<Finding | undefined> {
  const { store, staging, existing } = target
  const staged = existing === 'replace' ? await spanRows(staging, granularity, span) : undefined
  if (!staged) return undefined
  const rows = store.normalise?.(staged, granularity) ?? staged
  const none = rowKind(granularity).arrange([])
  return findDifference(target, { granularity, range: span, rows, gone: none }, options)
}

/** Rows that a push has left as they were. */
type Left = Pick<Pushed, 'kept' | 'larger'>

/** Adds up what was written; of rows that stay, those that the last push of a span has found count. */
function addPushed(total: Report['push'], { rows, bytes, kept, larger, verified }: Pushed, before?: Left): void {
  total.rows += rows
  total.bytes += bytes
  total.verified += verified
  total.kept += kept - (before?.kept ?? 0)
  total.larger += larger - (before?.larger ?? 0)
}
