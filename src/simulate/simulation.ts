import { formatTime, isEmpty, type Range, type Time } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { costOf, costOfCount } from './billing.ts'
import { type MarketSize, marketSizes } from './capacity.ts'
import { type Cohorts, cohortsOf, type JoinDelay, joinedOf } from './fleet.ts'
import type { History, PriceSeries } from './history.ts'
import type { InstanceType, InstanceTypes } from './instance-types.ts'
import { formatMarket } from './market.ts'
import type { ClusterName } from './metric-key.ts'
import { constant, type Piecewise, restrict, scale, sum } from './piecewise.ts'
import { priceOf } from './price.ts'
import type { ClusterHistory } from './select.ts'
import { firstEffect, stepsIn, type Window } from './window.ts'

export interface SimulationOptions {
  readonly name?: string
  readonly range: Range
  readonly instanceTypes: InstanceTypes
  /** Whether the last value before the range counts; true by default. */
  readonly lookBack?: boolean
  /** vCPUs of one unit of capacity, 1 by default. */
  readonly cpusPerWeight?: number
  /** What spot prices are multiplied by, 1 by default. */
  readonly discount?: number
  /** The delay of the instances of a market (`<type, zone>`) from launch to join; none by default. */
  readonly joinDelay?: (market: string) => JoinDelay
  /** Ms, a second by default. */
  readonly billingPeriod?: number
  /** Whether an instance that ends outbid is refunded its last period; true by default. */
  readonly refund?: boolean
  /** Bids in $/h, by market or type. */
  readonly bids?: ReadonlyMap<string, number>
  /** $/h of markets that have no price series, by market or type. */
  readonly onDemandPrices?: ReadonlyMap<string, number>
  /** GB of disk given to instances without a local one, 0 by default. */
  readonly ebsVolumeSize?: number
}

/** What a simulation yields, as functions of time on its range. */
export interface Functions {
  /** Number of instances that are paid for. */
  readonly instances: Piecewise
  /** vCPUs that are paid for, joined or not. */
  readonly rented: Piecewise
  /** vCPUs that have joined the cluster. */
  readonly joined: Piecewise
  /** vCPUs that work was given. */
  readonly allocated: Piecewise
  /** $/h. */
  readonly cost: Piecewise
  /** GiB that are paid for. */
  readonly memory: Piecewise
  /** GB that are paid for. */
  readonly disk: Piecewise
  readonly gpus: Piecewise
}

export interface Simulation {
  readonly name: string
  /** Undefined where the inputs name no cluster. */
  readonly cluster: ClusterName | undefined
  readonly range: Range
  readonly functions: Functions
  /** What a reader of the result should know, as sentences. */
  readonly notes: readonly string[]
}

/**
 * Replays the size of a cluster at the prices of its markets.
 * @throws a usage error for an empty range, an unknown instance type, a capacity that cannot be, or a market without a price
 */
export function simulate(history: History, own: ClusterHistory, options: SimulationOptions): Simulation {
  checkRange(options.range)
  const settings = { ...defaults, ...options }
  const sizes = own.size ? marketSizes(own.size, settings) : []
  const settled = own.size && firstEffect(own.size.times, settings)
  const fleets = sizes.map((size) => replay(size, history, { ...settings, settled: settled ?? options.range.start }))
  const counts = byType(sizes.map(({ type, count }) => ({ type, count })))
  const rented = (resource: (type: InstanceType) => number) =>
    sum(Array.from(counts, ([type, count]) => scale(count, resource(type))))
  const vcpus = rented((type) => type.vcpus)
  const functions: Functions = {
    instances: rented(() => 1),
    rented: vcpus,
    joined: fleets.every(({ joined }, i) => joined === sizes[i].count)
      ? vcpus
      : sum(fleets.map(({ type, joined }) => scale(joined, type.vcpus))),
    allocated: own.allocated ? stepsIn(own.allocated, settings) : constant(0),
    cost: sum(fleets.map(({ cost }) => cost)),
    memory: rented(({ memory }) => memory),
    disk: rented(({ disk }) => disk || settings.ebsVolumeSize),
    gpus: rented(({ gpus }) => gpus),
  }
  const notes = [...missingSeries(own), ...fleets.flatMap(({ notes }) => notes)]
  return { name: settings.name, cluster: own.cluster, range: options.range, functions, notes }
}

const defaults = {
  name: 'simulation',
  lookBack: true,
  cpusPerWeight: 1,
  discount: 1,
  joinDelay: (): JoinDelay => 0,
  billingPeriod: 1_000,
  refund: true,
  bids: new Map<string, number>(),
  onDemandPrices: new Map<string, number>(),
  ebsVolumeSize: 0,
}

function checkRange({ start, end }: Range): void {
  if (isEmpty({ start, end }))
    throw usageError(`invalid window: expected a start before the end, got ${formatTime(start)} to ${formatTime(end)}`)
}

type Settings = Required<SimulationOptions> & { readonly settled: number }

/** The instances of one market, from launch to bill. */
function replay(size: MarketSize, history: History, settings: Settings) {
  const { market, typeName, type, count } = size
  const { range, bids } = settings
  const price = priceOf(size, history, settings)
  const delay = settings.joinDelay(market)
  const running = since(count, range.start)
  let made: Cohorts | undefined
  const cohorts = () => {
    made ??= cohortsOf(count, { range, settled: settings.settled, delay })
    return made
  }
  const billing = {
    period: settings.billingPeriod,
    refund: settings.refund,
    bid: bids.get(market) ?? bids.get(typeName),
  }
  return {
    type,
    joined: delay === 0 ? count : restrict(joinedOf(cohorts()), range),
    cost: restrict(costOfCount(running, price, billing) ?? costOf(cohorts(), price, billing), range),
    notes: running.xs.length > 0 ? unpriced(running.xs[0], history.prices.get(market), settings) : [],
  }
}

/** A function that is 0 before `start`. */
function since({ initial, xs, ys }: Piecewise, start: Time): Piecewise {
  if (initial === 0) return { initial, xs, ys }
  return { initial: 0, xs: prepended(start, xs), ys: prepended(initial, ys) }
}

function prepended(first: number, rest: Float64Array): Float64Array {
  const all = new Float64Array(1 + rest.length)
  all[0] = first
  all.set(rest, 1)
  return all
}

/** Numbers of instances, all zones of a type together. */
function byType(
  fleets: readonly { readonly type: InstanceType; readonly count: Piecewise }[],
): Map<InstanceType, Piecewise> {
  const groups = new Map<InstanceType, Piecewise[]>()
  for (const { type, count } of fleets) groups.set(type, [...(groups.get(type) ?? []), count])
  return new Map(Array.from(groups, ([type, counts]) => [type, sum(counts)]))
}

const missingSeries = ({ size, allocated }: ClusterHistory): string[] => [
  ...(size ? [] : ['no capacity series: the cluster is empty']),
  ...(allocated ? [] : ['no series of allocated vCPUs: they count as 0']),
]

/** Instances that live before the first price cost nothing until then, as in the original. */
function unpriced(launch: number, series: PriceSeries | undefined, window: Window): string[] {
  if (!series) return []
  const priced = firstEffect(series.times, window)
  if (priced !== undefined && priced <= launch) return []
  const until = priced === undefined ? 'in the window' : `before ${formatTime(priced)}`
  return [`no price of ${formatMarket(series.market)} ${until}: its instances cost nothing there`]
}
