import { within } from '../metric/arrange.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { type RowSequence, sequenceOf } from '../metric/sequence.ts'
import type { SlotRollups } from '../rollup/slots.ts'
import { min5 } from '../time/granularity.ts'
import { contains, type Range } from '../time/range.ts'
import { commitSpan, type Draft, wouldLose } from './commit.ts'
import type { RunContext } from './context.ts'
import type { Counts } from './counts.ts'
import { whereHeld } from './held.ts'
import type { Span } from './ledger.ts'
import type { OpenChunk } from './open-chunk.ts'

interface CommitOptions {
  /** Files that have fed nothing so far, though the catalogue may know that they hold points of the chunks. */
  readonly unread: ReadonlySet<string>
  /** Those of them that cannot be read as the catalogue knows them. */
  readonly lost: ReadonlySet<string>
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
  if (mayWait && (await anyLoses(context, drafts))) return setAside(chunk, counts)
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
  { duplicates, unread, lost }: Pick<SlotRollups, 'duplicates'> & Pick<CommitOptions, 'unread' | 'lost'>,
): Draft {
  const { catalogue, ledger, settings } = context
  return {
    granularity: min5,
    range,
    rows,
    inputs: catalogue.inputsOf(range, unread),
    duplicates: [...duplicates].reduce((sum, [slot, count]) => sum + (contains(range, slot) ? count : 0), 0),
    held: whereHeld(ledger, { granularity: min5, range }, settings.keeps5m),
    without: catalogue.feeding(range).flatMap(({ name }) => (lost.has(name) ? [name] : [])),
  }
}

async function anyLoses(context: RunContext, drafts: readonly Draft[]): Promise<boolean> {
  for (const draft of drafts) if (await wouldLose(context, draft)) return true
  return false
}
