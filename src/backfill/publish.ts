import { sequenceOf } from '../metric/sequence.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import { commitSpan } from './commit.ts'
import type { CoarseContext } from './context.ts'
import type { Span } from './ledger.ts'
import { spanRows } from './span-rows.ts'

/** Moves rows that an earlier run kept in the staging lake into the lake, now that they are asked for. */
export async function publishStaged(context: CoarseContext, granularity: Granularity, range: Range): Promise<void> {
  const { ledger } = context
  for (const span of ledger.done(granularity, range).filter(({ held }) => held === 'staging')) {
    context.signal.throwIfAborted()
    const staging = await context.staging()
    const published = await publish(context, granularity, span)
    if (!published) continue
    await ledger.record(granularity, [published])
    await context.pusher?.push(granularity, [published])
    if (span.rows > 0) await staging.replace({ granularity, range: span, series: 'all' }, [])
  }
}

async function publish(context: CoarseContext, granularity: Granularity, span: Span): Promise<Span | undefined> {
  const { start, end, inputs, duplicates } = span
  const range = { start, end }
  if (span.rows === 0) return { ...span, held: 'lake' }
  const rows = await spanRows(await context.staging(), granularity, range)
  // What is gone from there is still to be made again.
  if (!rows) return undefined
  return commitSpan(context, { granularity, range, rows: sequenceOf(rows), inputs, duplicates, held: 'lake' })
}
