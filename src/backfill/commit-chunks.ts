import { within } from '../metric/arrange.ts'
import { min5 } from '../time/granularity.ts'
import { contains, type Range } from '../time/range.ts'
import { commitSpan } from './commit.ts'
import type { RunContext } from './context.ts'
import type { Counts } from './counts.ts'
import type { Span } from './ledger.ts'
import type { OpenChunk } from './open-chunk.ts'

interface CommitOptions {
  /** Inputs that were to be read and could not: they fed nothing. */
  readonly missing: ReadonlySet<string>
  readonly counts: Counts
  readonly isAgain: boolean
}

/** Makes closed chunks of 5m rollups durable and records them. A stale one is left to do. */
export async function commitChunks(
  context: RunContext,
  chunks: readonly OpenChunk[],
  options: CommitOptions,
): Promise<void> {
  for (const chunk of chunks) {
    if (chunk.isStale && context.settings.late.kind === 'reroll') setAside(chunk, options.counts)
    else await commitChunk(context, chunk, options)
  }
}

/** A chunk that a point has come too late for is made again, from all its files. */
function setAside(chunk: OpenChunk, counts: Counts): void {
  counts.rolled -= chunk.points
  counts.elsewhere += chunk.points
}

async function commitChunk(context: RunContext, chunk: OpenChunk, { missing, counts, isAgain }: CommitOptions) {
  const { catalogue, ledger, report } = context
  const { rows, duplicates } = chunk.finish()
  const spans: Span[] = []
  for (const range of chunk.spans) {
    const replaced = [...duplicates].reduce((sum, [slot, count]) => sum + (contains(range, slot) ? count : 0), 0)
    counts.rolled -= replaced
    counts.duplicate += replaced
    const span = await commitSpan(context, {
      granularity: min5,
      range,
      rows: within(rows, range),
      inputs: catalogue.inputsOf(range, missing),
      duplicates: replaced,
      held: whereHeld(context, range),
    })
    if (span) spans.push(span)
  }
  await ledger.record(min5, spans)
  if (spans.length > 0) report.chunks[isAgain ? 'madeAgain' : 'made']++
}

/** Rows stay where an earlier run has put them; else they go where this run keeps 5m rollups. */
export function whereHeld({ ledger, settings }: RunContext, range: Range): Span['held'] {
  const isInLake = settings.keeps5m || ledger.done(min5, range).some(({ held }) => held === 'lake')
  return isInLake ? 'lake' : 'staging'
}
