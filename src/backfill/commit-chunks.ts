import { within } from '../metric/arrange.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { type RowSequence, sequenceOf } from '../metric/sequence.ts'
import type { SlotRollups } from '../rollup/slots.ts'
import { min5 } from '../time/granularity.ts'
import { contains, type Range } from '../time/range.ts'
import { commitSpan, type Draft, wouldShrink } from './commit.ts'
import type { RunContext } from './context.ts'
import type { Counts } from './counts.ts'
import type { Span } from './ledger.ts'
import type { OpenChunk } from './open-chunk.ts'

interface CommitOptions {
  /** Files that have fed nothing so far, though the catalogue may know that they hold points of the chunks. */
  readonly unread: ReadonlySet<string>
  readonly counts: Counts
  readonly isAgain: boolean
}

/**
 * Makes closed chunks of 5m rollups durable and records them. Those of a first reading that may lack points are left to do: they are
 * made again, from all their files.
 */
export async function commitChunks(
  context: RunContext,
  chunks: readonly OpenChunk[],
  options: CommitOptions,
): Promise<void> {
  const mayWait = context.settings.late.kind === 'reroll' && !options.isAgain
  for (const chunk of chunks) {
    try {
      if (mayWait && chunk.isStale) setAside(chunk, options.counts)
      else await commitChunk(context, chunk, { ...options, mayWait })
    } finally {
      chunk.discard()
    }
  }
}

function setAside(chunk: OpenChunk, counts: Counts): void {
  counts.rolled -= chunk.points
  counts.elsewhere += chunk.points
}

async function commitChunk(
  context: RunContext,
  chunk: OpenChunk,
  options: CommitOptions & { readonly mayWait: boolean },
) {
  const { duplicates, ...rows } = chunk.finish()
  const drafts = partition(rows, chunk.spans).map((part) => draftOf(context, part, { duplicates, ...options }))
  await commitDrafts(context, { chunk, drafts }, options)
}

async function commitDrafts(
  context: RunContext,
  { chunk, drafts }: { chunk: OpenChunk; drafts: readonly Draft[] },
  { counts, isAgain, mayWait }: CommitOptions & { readonly mayWait: boolean },
) {
  // Points that are held already may come late in this reading.
  if (mayWait && (await anyShrinks(context, drafts))) return setAside(chunk, counts)
  const spans: Span[] = []
  for (const draft of drafts) {
    counts.rolled -= draft.duplicates
    counts.duplicate += draft.duplicates
    const span = await commitSpan(context, draft)
    if (span) spans.push(span)
  }
  await context.ledger.record(min5, spans)
  await context.pusher?.push(min5, spans)
  if (spans.length > 0) context.report.chunks[isAgain ? 'madeAgain' : 'made']++
}

interface Part {
  readonly range: Range
  readonly rows: RowSequence
}

/** The rows of each of some spans. */
function partition(rows: RowSequence<RollupBatch>, spans: readonly Range[]): Part[] {
  if (spans.length === 1) return [{ range: spans[0], rows }]
  const all = rows.whole()
  return spans.map((range) => ({ range, rows: sequenceOf(within(all, range)) }))
}

function draftOf(
  context: RunContext,
  { range, rows }: Part,
  { duplicates, unread }: Pick<SlotRollups, 'duplicates'> & Pick<CommitOptions, 'unread'>,
): Draft {
  return {
    granularity: min5,
    range,
    rows,
    inputs: context.catalogue.inputsOf(range, unread),
    duplicates: [...duplicates].reduce((sum, [slot, count]) => sum + (contains(range, slot) ? count : 0), 0),
    held: whereHeld(context, range),
  }
}

async function anyShrinks(context: RunContext, drafts: readonly Draft[]): Promise<boolean> {
  for (const draft of drafts) if (await wouldShrink(context, draft)) return true
  return false
}

/** Rows stay where an earlier run has put them; else they go where this run keeps 5m rollups. */
export function whereHeld({ ledger, settings }: RunContext, range: Range): Span['held'] {
  const isInLake = settings.keeps5m || ledger.done(min5, range).some(({ held }) => held === 'lake')
  return isInLake ? 'lake' : 'staging'
}
