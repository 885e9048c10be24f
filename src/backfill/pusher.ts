import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { StoreOptions } from '../store/store.ts'
import { chunkOf, type Granularity } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'
import { findDifference } from './difference.ts'
import type { Ledger, Span } from './ledger.ts'
import type { PushOptions } from './options.ts'
import { type Pushed, type PushTarget, pushSpan } from './push.ts'
import type { Report } from './report.ts'
import { spanRows } from './superseded.ts'

/** Feeds a store from a job's staging lake, span by span, and tells the ledger what the store has. */
export interface Pusher {
  /** Pushes those of some done spans that the store does not have as they are now. */
  push(granularity: Granularity, spans: readonly Span[]): Promise<void>
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
  const { ledger, report, signal } = context
  const fresh = new Map<string, Pushed>()
  const keyOf = ({ name }: Granularity, { start, end }: Range) => `${name} ${start} ${end}`
  const fail = async (granularity: Granularity, { start, end }: Span, reason: string) => {
    report.mismatched.push({ granularity: granularity.name, range: { start, end }, reason })
    await ledger.fail(granularity, chunkOf(granularity, start).start, reason)
  }
  const push = async (granularity: Granularity, span: Span) => {
    signal.throwIfAborted()
    const { start, end } = span
    const pushed = await pushSpan(target, { granularity, range: { start, end } }, { signal })
    addPushed(report.push, pushed, fresh.get(keyOf(granularity, span)))
    if (pushed.difference !== undefined) return fail(granularity, span, pushed.difference)
    fresh.set(keyOf(granularity, span), pushed)
    await ledger.record(granularity, [{ ...span, pushed: { at: context.now(), as: target.settings } }])
  }
  const review = async (granularity: Granularity, span: Span) => {
    signal.throwIfAborted()
    const { difference, verified } = await readBack(target, { granularity, span }, { signal })
    report.push.verified += verified
    if (difference === undefined) return
    await ledger.record(granularity, [{ ...span, pushed: undefined }])
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
    async push(granularity, spans) {
      for (const span of spans) if (await isToPush(granularity, span)) await push(granularity, span)
    },
    async settle(granularity, range) {
      for (const span of ledger.done(granularity, range)) {
        if (await isToPush(granularity, span)) await push(granularity, span)
        else if (isToReview(granularity, span)) await review(granularity, span)
      }
    },
    holds: async (granularity, span) => !(await isToPush(granularity, span)),
  }
}

/** Compares what an earlier run has pushed, unless the store may rightly hold something else. */
async function readBack(
  target: PusherOptions,
  { granularity, span }: { granularity: Granularity; span: Span },
  options: StoreOptions,
) {
  const { store, staging, existing } = target
  const staged = existing === 'replace' ? await spanRows(staging, granularity, span) : undefined
  if (!staged) return { verified: 0 }
  const rows = store.normalise?.(staged, granularity) ?? staged
  const none = rowKind(granularity).arrange([])
  return findDifference(target, { granularity, range: span, rows, gone: none }, options)
}

/** Adds up what was written; of rows that stay, those that the last push of a span has found count. */
function addPushed(total: Report['push'], { rows, bytes, kept, larger, verified }: Pushed, before?: Pushed): void {
  total.rows += rows
  total.bytes += bytes
  total.verified += verified
  total.kept += kept - (before?.kept ?? 0)
  total.larger += larger - (before?.larger ?? 0)
}
