import type { ArchiveName } from '../archive/names.ts'
import { min5 } from '../time/granularity.ts'
import { hasFailed, makeAgain, recordEmpty } from './again.ts'
import { findOverrun } from './budget.ts'
import type { RunContext } from './context.ts'
import { guardOf, totalLines } from './guard.ts'
import { disownLost, heldBy } from './held.ts'
import type { Span } from './ledger.ts'
import { runPass } from './pass.ts'
import { filesOfFirstPass, findNewFiles, missingSpans, planFirstPass } from './plan.ts'
import type { Work } from './work.ts'

/** Makes the 5m rollups of a range, and makes again whichever chunks have new inputs. */
export async function makeFinest(context: RunContext, work: Work): Promise<void> {
  await disownLost(heldBy(context), { granularity: min5, range: work.range })
  const before = context.ledger.done(min5, work.range)
  const known = await (context.settings.follow ? followFiles(context, work) : readFirst(context, work))
  await recordEmpty(context, context.ledger.missing(min5, work.range))
  if (context.settings.late.kind === 'reroll') await makeAgain(context, work.range)
  context.report.chunks.upToDate += countUntouched(context, before)
  judgeFiles(context, known)
}

/** Resolves to the files of the range, as {@link readFirst} does. */
async function followFiles(context: RunContext, work: Work): Promise<readonly ArchiveName[]> {
  const { follow } = await import('./follow.ts')
  return follow(context, work)
}

/** Resolves to the files of the range. */
async function readFirst(context: RunContext, { bucket, selected, range }: Work): Promise<readonly ArchiveName[]> {
  const { catalogue, rejects, settings, signal } = context
  const targets = await missingSpans(heldBy(context), range)
  const news = await findNewFiles({ bucket, signal }, catalogue, selected)
  await rejects.forget(news)
  const files = filesOfFirstPass({ catalogue, selected }, news, { targets, late: settings.late })
  if (files.length > 0)
    await runPass(context, { ...planFirstPass(range, targets), files }, guardOf(context, selected, files))
  return selected
}

/** How many of the spans that were done before this run has left as they were, since nothing was to be done about them. */
const countUntouched = ({ ledger, report }: RunContext, before: readonly Span[]): number =>
  before.filter((span) => ledger.done(min5, span).includes(span) && !hasFailed(report, span)).length

/** Judges the bad lines of the files of the range, and the points in them that came too late for good, whichever run has read them. */
function judgeFiles({ catalogue, settings, report, rejects }: RunContext, files: readonly ArchiveName[]): void {
  const entries = files.map(({ name }) => catalogue.get(name))
  const overrun = findOverrun(settings.budget, totalLines(entries), true)
  if (overrun) report.problems.push(overrun)
  const unresolved = entries.reduce((sum, entry) => sum + (entry?.counts.unresolved ?? 0), 0)
  if (unresolved > 0)
    report.problems.push(
      `${unresolved} points came after files of their hours had been removed: they are in no row, but kept in ${rejects.path}`,
    )
}
