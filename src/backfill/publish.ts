import { within } from '../metric/arrange.ts'
import { min5 } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import { commitSpan } from './commit.ts'
import type { RunContext } from './context.ts'
import type { Span } from './ledger.ts'

/** Moves 5m rollups that an earlier run kept in the staging lake into the lake, now that they are asked for. */
export async function publishStaged(context: RunContext, range: Range): Promise<void> {
  const { ledger } = context
  for (const span of ledger.done(min5, range).filter(({ held }) => held === 'staging')) {
    context.signal.throwIfAborted()
    const staging = await context.staging()
    const published = await publish(context, span)
    if (!published) continue
    await ledger.record(min5, [published])
    await context.pusher?.push(min5, [published])
    if (span.rows > 0) await staging.replace({ granularity: min5, range: span, series: 'all' }, [])
  }
}

async function publish(context: RunContext, span: Span): Promise<Span | undefined> {
  const { start, end, inputs, duplicates } = span
  const staged = span.rows > 0 ? await (await context.staging()).own(min5, span) : undefined
  if (!staged) return { ...span, held: 'lake' }
  const range = { start, end }
  return commitSpan(context, {
    granularity: min5,
    range,
    rows: within(staged, range),
    inputs,
    duplicates,
    held: 'lake',
  })
}
