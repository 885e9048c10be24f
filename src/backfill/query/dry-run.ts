import { type Pace, slower } from '../../bucket/caller.ts'
import { dollarsOf, type PriceTable } from '../../source/prices.ts'
import type { SourceCost } from '../../source/source.ts'
import { fileOf, findLake, hasFile, jobFolder } from '../../store/lake/layout.ts'
import { full } from '../../time/granularity.ts'
import type { Range, Time } from '../../time/range.ts'
import type { Limit } from '../../util/concurrency.ts'
import { nodeFiles } from '../../util/files.ts'
import { openLedger } from '../ledger.ts'
import { ledgerPath } from '../workspace.ts'
import { findToRead } from './holes.ts'
import { jobId } from './job.ts'
import type { BackfillOptions } from './options.ts'
import { findTarget } from './run.ts'
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
  const { range, query, limits, unsettledUntil } = await findTarget(options, now)
  const { todo, upToDate } = range ? await findLeft(options, range, signal) : { todo: [], upToDate: 0 }
  const stretches = cutIntoStretches(todo, { span: limits.span, order: options.order })
  const costs: SourceCost[] = []
  for (const stretch of stretches) costs.push((await options.from.source.limits?.(query, stretch, now))?.cost ?? free)
  const cost = withStore(costs.reduce(addCosts, free), options)
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
  const folder = jobFolder(root, job)
  const ledger = await openLedger(nodeFiles, ledgerPath(folder), 'read')
  const lakeOf = async (held: 'lake' | 'staging') => ({
    has: (granularity: typeof full, window: Range) =>
      hasFile(nodeFiles, held === 'lake' ? root : `${folder}/staging`, fileOf(granularity, window, job)),
  })
  const inputs = (await options.from.source.inputs?.()) ?? 'service'
  const todo = await findToRead(options, { ledger, lakeOf, inputs, signal }, range)
  const again = todo.flatMap((part) => ledger.done(full, part)).length
  return { todo, upToDate: ledger.done(full, range).length - again }
}

const free: SourceCost = { requests: 0 }

/** With the bytes that so many points take, and what their store bills. */
function withStore(cost: SourceCost, { from, to }: BackfillOptions): SourceCost {
  const { points } = cost
  if (points === undefined) return cost
  const bytes = cost.bytes ?? (from.bytesPerPoint === undefined ? undefined : points * from.bytesPerPoint)
  const billed = to.kind === 'store' ? to.billed?.(points) : undefined
  return addCosts({ ...cost, bytes }, { requests: 0, billed })
}

function addCosts(a: SourceCost, b: SourceCost): SourceCost {
  const sum = (x?: number, y?: number) => (x === undefined && y === undefined ? undefined : (x ?? 0) + (y ?? 0))
  const items = new Set([...Object.keys(a.billed ?? {}), ...Object.keys(b.billed ?? {})])
  const billed = Object.fromEntries([...items].map((item) => [item, sum(a.billed?.[item], b.billed?.[item]) ?? 0]))
  return { requests: a.requests + b.requests, points: sum(a.points, b.points), bytes: sum(a.bytes, b.bytes), billed }
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
