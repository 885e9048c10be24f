import { type Pace, slower } from '../../bucket/caller.ts'
import { dollarsOf, type PriceTable } from '../../source/prices.ts'
import type { Estimate, Query, SourceCost } from '../../source/source.ts'
import { findLake, jobFolder } from '../../store/lake/layout.ts'
import { full } from '../../time/granularity.ts'
import { always, type Range, type Time } from '../../time/range.ts'
import type { Limit } from '../../util/concurrency.ts'
import { nodeFiles } from '../../util/files.ts'
import { heldInFiles } from '../held.ts'
import { openLedger } from '../ledger.ts'
import { ledgerPath } from '../workspace.ts'
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

const free: SourceCost = { requests: 0 }

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

/** With the bytes that so many points take, and what their store bills. */
function withStore(cost: SourceCost, { from, to, shape }: BackfillOptions, stretches: readonly Range[]): SourceCost {
  const { points, series } = cost
  if (points === undefined) return cost
  const span = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
  const bytes = cost.bytes ?? (from.bytesPerPoint === undefined ? undefined : points * from.bytesPerPoint)
  const billed = to.kind === 'store' ? to.billed?.({ points, series, span, metricType: shape.metricType }) : undefined
  return addCosts({ ...cost, bytes }, { requests: 0, billed })
}

function addCosts(a: SourceCost, b: SourceCost): SourceCost {
  const sum = (x?: number, y?: number) => (x === undefined && y === undefined ? undefined : (x ?? 0) + (y ?? 0))
  const items = new Set([...Object.keys(a.billed ?? {}), ...Object.keys(b.billed ?? {})])
  const billed = Object.fromEntries([...items].map((item) => [item, sum(a.billed?.[item], b.billed?.[item]) ?? 0]))
  const [points, bytes] = [sum(a.points, b.points), sum(a.bytes, b.bytes)]
  // The same series come in every part.
  const series = a.series === undefined ? b.series : Math.max(a.series, b.series ?? 0)
  return { requests: a.requests + b.requests, series, points, bytes, billed, atMost: a.atMost || b.atMost }
}

/** Seconds that a service is taken to need for an answer; no promise. */
export const assumedSecondsPerRequest = 0.5

/** Requests at once that a service is taken to bear where it is to be found out. */
const assumedConcurrency = 16

function secondsFor(
  { requests, points = 0, bytes = 0 }: SourceCost,
  { concurrency, pace }: { concurrency: Limit; pace: Pace },
): number {
  const atOnce = typeof concurrency === 'number' ? concurrency : assumedConcurrency
  return Math.max(
    (requests * assumedSecondsPerRequest) / atOnce,
    requests / (pace.maxRequestsPerSecond ?? Number.POSITIVE_INFINITY),
    points / (pace.maxPointsPerSecond ?? Number.POSITIVE_INFINITY),
    bytes / (pace.maxBytesPerSecond ?? Number.POSITIVE_INFINITY),
  )
}
