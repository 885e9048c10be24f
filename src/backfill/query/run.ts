import { formatSeries, series } from '../../metric/series.ts'
import { shaper } from '../../metric/shape.ts'
import type { LimitsOptions, Query, SourceLimits } from '../../source/source.ts'
import { full, min5 } from '../../time/granularity.ts'
import {
  always,
  floorTo,
  formatTime,
  type Range,
  requireInstants,
  requireShort,
  snapOutward,
  type Time,
} from '../../time/range.ts'
import { turnstile } from '../../util/concurrency.ts'
import { ExitCode, UserError, usageError } from '../../util/errors.ts'
import { disownLost, heldBy } from '../held.ts'
import { openProof, totalOf } from '../proof.ts'
import { publishStaged } from '../publish.ts'
import { createPusher } from '../pusher.ts'
import { eachStretch } from './each-stretch.ts'
import { findToRead } from './holes.ts'
import { jobId } from './job.ts'
import type { BackfillEffects, BackfillOptions } from './options.ts'
import { publishFile } from './publish-file.ts'
import { hullOf } from './read-stretch.ts'
import { type BackfillReport, type BackfillSummary, exitCodeOf, newBackfillReport } from './report.ts'
import { makeLevels } from './roll-up.ts'
import { keepsPoints, makeStretch, type QueryContext } from './stretch.ts'
import { cutIntoStretches, doneHours } from './stretches.ts'
import { landingLake, openWorkspace, type Workspace } from './workspace.ts'

/**
 * Pulls history out of a source into a store: reads what is not done yet, stretch by stretch, makes it durable, reads it back, feeds the
 * store. It can be stopped at any moment and run again; a part that fails does not stop the others.
 * @throws a UserError where it cannot go on; what is done by then stays done
 */
export async function backfill(options: BackfillOptions, effects: BackfillEffects): Promise<BackfillSummary> {
  const startedAt = effects.now()
  const job = jobId(options)
  const target = await findTarget({ ...options, step: stepOf(options) }, { now: effects.now(), signal: effects.signal })
  const state = landingLake(options)
  effects.onStart?.({ range: target.range, job, state })
  if (options.to.kind === 'store') await options.to.prepare?.(target.range, effects.signal)
  const report = newBackfillReport()
  await using workspace = await openWorkspace({ ...options, range: target.range }, effects.files)
  const context = await openContext(options, effects, { workspace, target, report })
  const known = target.range ?? knownRange(context)
  if (known) await disownLost(heldBy(context), { granularity: full, range: known })
  await context.pusher?.resume()
  await readAll(context, effects, target)
  const range = target.range ?? knownRange(context)
  if (range) await finish(context, range)
  return {
    job,
    from: nameOf(options.from.description),
    to: options.to.kind === 'store' ? options.to.name : options.to.path,
    state,
    range,
    unsettledUntil: target.unsettledUntil,
    granularities: options.granularities.map(({ name }) => name),
    verify: options.verify,
    seconds: (effects.now() - startedAt) / 1_000,
    exitCode: exitCodeOf(report, options),
    report,
  }
}

const nameOf = ({ kind, location }: Readonly<Record<string, unknown>>): string => String(location ?? kind)

/** What a backfill is about, once the source was asked for its limits. */
export interface Target {
  readonly query: Query
  /** Absent: whatever there is. */
  readonly range: Range | undefined
  /** The end that was asked for, where the source's values after that of `range` may still change. */
  readonly unsettledUntil?: Time
  readonly limits: SourceLimits
}

/** What the bounds of a range are multiples of, in ms: the slots of what is made, or what is left of times where they go. */
export function stepOf({ granularities, to }: Pick<BackfillOptions, 'granularities' | 'to'>): number {
  if (granularities.some((granularity) => granularity !== full)) return min5.size
  return to.kind === 'lake' ? 1 : (to.store.resolution ?? 1)
}

/** Asks the source for its limits and takes from the range what has not settled, or widens it to whole steps. */
export async function findTarget(
  options: Pick<BackfillOptions, 'from' | 'metrics' | 'range'> & { step: number },
  { now, signal }: LimitsOptions,
): Promise<Target> {
  const { from, metrics, range: asked, step } = options
  if (from.needsMetric && (metrics === undefined || metrics.length === 0))
    throw usageError(
      `${from.name} has more metrics than anybody wants: --metric is missing`,
      'name some, --metric NAME',
    )
  const query: Query = from.needsMetric ? { names: metrics } : globOf(metrics)
  if (!asked) {
    if (from.needsMetric) throw usageError('no range', 'give --start-time and --end-time')
    return { query, range: undefined, limits: {} }
  }
  const range = snapOutward(requireShort(requireInstants(asked)), step)
  const limits = (await from.source.limits?.(query, range, { now, signal })) ?? {}
  const settled = floorTo(now - (limits.settling ?? 0), Math.max(step, limits.resolution ?? 1))
  if (limits.settling === undefined || settled >= range.end) return { query, range, limits }
  if (settled <= range.start)
    throw new UserError(`nothing has settled yet: values of ${from.name} may change until ${formatTime(settled)}`, {
      exitCode: ExitCode.nothing,
      hint: 'run it later',
    })
  return { query, range: { start: range.start, end: settled }, unsettledUntil: range.end, limits }
}

/** One metric alone is looked for by its name; several are chosen among all. */
const globOf = (metrics: readonly string[] | undefined): Query =>
  metrics?.length === 1 && !/[*?|]/.test(metrics[0]) ? { glob: `${formatSeries(series(metrics[0]))}*` } : {}

async function openContext(
  options: BackfillOptions,
  effects: BackfillEffects,
  { workspace, target, report }: { workspace: Workspace; target: Target; report: BackfillReport },
): Promise<QueryContext> {
  const { to, verify } = options
  const { signal, progress, now } = effects
  const existing = options.existing === 'refuse' ? 'replace' : options.existing
  const proof = openProof()
  const lakeProof = to.kind === 'lake' ? proof : undefined
  const shared = { ...workspace, report, signal, progress, now, proof }
  const pusher =
    to.kind === 'store' && workspace.superseded
      ? createPusher({ ...to, staging: workspace.lake, superseded: workspace.superseded, existing, verify }, shared)
      : undefined
  return {
    ...shared,
    lakeProof,
    pusher,
    // Nobody else reads a lake that only stages.
    settings: { ...options, verify: verify === 'full' && !lakeProof ? 'checksum' : verify },
    options,
    query: target.query,
    resolution: target.limits.resolution,
    // What can be read only once cannot be known to be the same.
    inputs: (await options.from.source.inputs?.()) ?? (options.from.source.once ? `${now()}` : 'service'),
    shape: shaper(options.shape),
    found: new Set(),
    confirm: effects.confirm ?? (async () => false),
    inPlace: turnstile(options.concurrency),
    inTurn: turnstile(1),
  }
}

/** Reads everything that is to do; parts that fail are named in the report and left to do. */
async function readAll(context: QueryContext, effects: BackfillEffects, { range, limits }: Target): Promise<void> {
  const { ledger, options, report } = context
  const held = { ...context, ...heldBy(context) }
  const todo = range ? await findToRead(options, held, range) : [always]
  const stretches = cutIntoStretches(todo, { ...limits, order: options.order, once: options.from.source.once })
  if (range)
    report.chunks.upToDate += ledger.done(full, range).length - todo.flatMap((part) => ledger.done(full, part)).length
  const onFailure = async (stretch: Range, text: string) => {
    report.failed.push({ range: stretch, text })
    if (range) await context.inTurn(async () => ledger.fail(full, await findFailed(context, stretch), text))
  }
  const { concurrency } = options
  const { onStretch } = effects
  await eachStretch(stretches, { concurrency, signal: context.signal, onFailure, onStretch }, (stretch, signal) =>
    makeStretch(context, { stretch, todo }, signal),
  )
  if (report.stretches > 0) report.missingMetrics = (options.metrics ?? []).filter((name) => !context.found.has(name))
}

/** The start of the hour at which a stretch has failed: the first that is not done, or that the store does not have as it is now. */
async function findFailed({ ledger, pusher }: QueryContext, stretch: Range): Promise<Time> {
  const parts = [...ledger.missing(full, stretch)]
  for (const span of ledger.done(full, stretch)) if (pusher && !(await pusher.holds(full, span))) parts.push(span)
  const [{ start }] = [...parts, stretch]
  return floorTo(start, full.chunk)
}

/** All that the job has done. */
const knownRange = ({ ledger }: QueryContext): Range | undefined => hullOf(doneHours(ledger))

/** What is made from points that are there: levels, and other stores. */
async function finish(context: QueryContext, range: Range): Promise<void> {
  const { ledger, options, report, pusher, proof } = context
  const { to } = options
  if (keepsPoints(options)) await publishStaged(context, full, range)
  await makeLevels(context, range)
  if (to.kind === 'file') await publishFile(context, range)
  for (const granularity of options.granularities) await pusher?.settle(granularity, range)
  report.points = ledger.done(full, range).reduce((sum, { points }) => sum + points, 0)
  report.totals = options.granularities.map((granularity) => totalOf(granularity, ledger.done(granularity, range)))
  report.proof = proof.report()
}
