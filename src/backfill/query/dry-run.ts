import { type Pace, slower } from '../../bucket/caller.ts'
import { dollarsOf, type PriceTable } from '../../source/prices.ts'
import type { Estimate, Query, SourceCost } from '../../source/source.ts'
import { findLake, jobFolder } from '../../store/lake/layout.ts'
import { full } from '../../time/granularity.ts'
import { always, type Range, type Time } from '../../time/range.ts'
import { nodeFiles } from '../../util/files.ts'
import { heldInFiles } from '../held.ts'
import { openLedger } from '../ledger.ts'
import { ledgerPath } from '../workspace.ts'
import { addCosts, free, secondsFor, withStore } from './cost.ts'
import { findToRead } from './holes.ts'
import { jobId } from './job.ts'
import type { BackfillOptions } from './options.ts'
import { findTarget, stepOf } from './run.ts'
import { cutIntoStretches } from './stretches.ts'
import { landingLake } from './workspace.ts'

/** What a backfill would do; whatever is not known beforehand is absent. */
export interface BackfillPlan {
  readonly job: string
  /** Absent: all that the source has. */
  readonly range?: Range
  readonly unsettledUntil?: Time
  /** What would be read, in one call each. */
  readonly stretches: readonly Range[]
  readonly upToDate: number
  /** Ms between two points, as the source still has them at the beginning of the range. */
  readonly resolution?: number
  readonly cost: SourceCost
  /** US dollars, by a price list of that date. */
  readonly money: { readonly dollars: number; readonly asOf: string }
  readonly seconds: number
}

export interface PlanOptions {
  readonly prices: PriceTable
  readonly signal: AbortSignal
  readonly pace?: Pace
}

/** Works out what a backfill would do, without taking the lock or writing anything. The source may be asked what it has. */
export async function planBackfill(
  options: BackfillOptions,
  now: Time,
  { prices, signal, pace }: PlanOptions,
): Promise<BackfillPlan> {
  const job = jobId(options)
  const { range, query, limits, unsettledUntil } = await findTarget(
    { ...options, step: stepOf(options) },
    { now, signal },
  )
  const { todo, upToDate } = range ? await findLeft(options, range, signal) : { todo: [], upToDate: 0 }
  const stretches = cutIntoStretches(todo, { ...limits, order: options.order, once: options.from.source.once })
  const costs: SourceCost[] = []
  for (const stretch of stretches)
    costs.push((await options.from.source.limits?.(query, stretch, { now, signal }))?.cost ?? free)
  const known = costs.reduce(addCosts, free)
  const estimates =
    known.points === undefined
      ? await estimateAll(options, query, { parts: range ? todo : [always], signal })
      : undefined
  const cost = withStore({ ...known, ...estimates }, options, stretches)
  const { resolution } = limits
  const money = { dollars: dollarsOf(cost.billed ?? {}, prices), asOf: prices.asOf }
  const seconds = secondsFor(cost, { ...options, pace: slower(options.from.pace, pace) })
  return { job, range, unsettledUntil, stretches, upToDate, resolution, cost, money, seconds }
}

/** What is left to read of a range, as the ledger has it. */
async function findLeft(
  options: BackfillOptions,
  range: Range,
  signal: AbortSignal,
): Promise<{ todo: Range[]; upToDate: number }> {
  const root = landingLake(options)
  const job = jobId(options)
  await findLake(nodeFiles, root)
  const ledger = await openLedger(nodeFiles, ledgerPath(jobFolder(root, job)), 'read')
  const inputs = (await options.from.source.inputs?.()) ?? 'service'
  const todo = await findToRead(options, { ...heldInFiles(ledger, { path: root, job }), inputs, signal }, range)
  const again = todo.flatMap((part) => ledger.done(full, part)).length
  return { todo, upToDate: ledger.done(full, range).length - again }
}

/** What the source can tell of parts of a range beyond its limits; nothing where there is no way, or nothing to read. */
async function estimateAll(
  { from }: BackfillOptions,
  query: Query,
  { parts, signal }: { parts: readonly Range[]; signal: AbortSignal },
): Promise<Estimate> {
  const found: SourceCost[] = []
  for (const part of parts) {
    const estimate = await from.source.estimate?.(query, part, signal)
    if (estimate) found.push({ ...free, ...estimate })
  }
  if (found.length === 0) return {}
  const { requests, ...sum } = found.reduce(addCosts)
  return requests > 0 ? { requests, ...sum } : sum
}
