import { finerThan, full, type Granularity } from '../../time/granularity.ts'
import { snapOutward } from '../../time/range.ts'
import { openPusher } from '../pusher.ts'
import { exitCodeOf, newReport } from '../report.ts'
import { openWorkspace } from '../workspace.ts'
import { describeStoredJob, storedJobId } from './job.ts'
import type { StoredContext, StoredEffects, StoredOptions, StoredSummary } from './options.ts'
import { makeFromPoints } from './points.ts'
import { makeFromRollups } from './rollups.ts'

/**
 * Makes coarser levels of the rollups that a store holds, and 5m rollups of its points. The store is read anew in every run, since others
 * write to it; what comes out as before is left alone, and so is what the store has let expire since. Slots at the ends of the range are
 * made whole.
 * @throws a UserError where it cannot go on; what is done by then stays done
 */
export async function rollUpStore(options: StoredOptions, effects: StoredEffects): Promise<StoredSummary> {
  const startedAt = effects.now()
  const { from, to, push, range, granularities, verify } = options
  const report = newReport()
  const state = { ...options, description: describeStoredJob(options), feeds: push !== undefined }
  await using workspace = await openWorkspace(state, effects.files)
  const shared = { ...effects, ...workspace, report }
  const context: StoredContext = { ...shared, pusher: openPusher(options, shared), settings: options, options }
  await context.pusher?.resume()
  const base = baseOf(granularities)
  if (base === full) await makeFromPoints(context)
  else await makeFromRollups(context, base)
  for (const granularity of granularities)
    await context.pusher?.settle(granularity, snapOutward(range, granularity.size))
  const [finest] = granularities
  report.points = context.ledger.done(finest, range).reduce((sum, { points }) => sum + points, 0)
  return {
    job: storedJobId(options),
    from,
    to: push?.name ?? to,
    state: push && to,
    range,
    granularities: granularities.map(({ name }) => name),
    base: base.name,
    verify,
    seconds: (effects.now() - startedAt) / 1_000,
    exitCode: exitCodeOf(report, options),
    report,
  }
}

/** The level that is read: the finest that one of the levels asked for is made of. */
export const baseOf = (granularities: readonly Granularity[]): Granularity =>
  granularities.map(finerThan).reduce((a, b) => (a.size < b.size ? a : b))
