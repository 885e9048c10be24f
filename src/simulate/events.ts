import type { Range, Time } from '../time/range.ts'
import type { EventFormat } from './choices.ts'
import type { History, PriceSeries, SizeSeries } from './history.ts'
import { formatMarket } from './market.ts'
import { inTurn, type Queue } from './merge.ts'
import { type Piecewise, valueAt } from './piecewise.ts'
import type { ClusterHistory } from './select.ts'
import type { Simulation } from './simulation.ts'
import { pointsIn } from './window.ts'

/** Something that happens in a simulation. Ids are those of the original: 0 and 1 for begin and end, then one a point. */
export type SimulationEvent = {
  readonly id: number
  readonly time: Time
} & (
  | { readonly event: 'Simulation begins' | 'Simulation ends' }
  | { readonly event: 'ModifyClusterSizeEvent'; readonly size: number }
  | { readonly event: 'SpotPriceChangeEvent'; readonly market: string; readonly price: number }
)

/** Size changes come before prices of the same instant. */
const rank = { size: 1, price: 2 } as const

/**
 * The events of a simulation by time, at equal times by kind (size changes come before prices), then by id. Prices of all
 * markets, whether they have instances or not, times the discount (1 by default), and sizes of the one cluster; what lies outside
 * the range has an id but no event.
 */
export function* eventsOf(
  history: History,
  { size }: ClusterHistory,
  { range, functions, discount = 1 }: Pick<Simulation, 'range' | 'functions'> & { readonly discount?: number },
): Generator<SimulationEvent> {
  const queues = Array.from(history.prices.values(), (series) => priceQueue(series, range, discount))
  if (size) queues.push(sizeQueue(size, range, functions.instances))
  yield { id: 0, time: range.start, event: 'Simulation begins' }
  for (const queue of inTurn(queues.filter(({ length }) => length > 0))) yield queue.event()
  yield { id: 1, time: range.end, event: 'Simulation ends' }
}

/** Events to come of one series. */
interface EventQueue extends Queue {
  /** How many there are from the start. */
  readonly length: number
  event(): SimulationEvent
}

function priceQueue(series: PriceSeries, range: Range, discount: number): EventQueue {
  const market = formatMarket(series.market)
  const eventAt = (id: number, time: Time, i: number) =>
    ({ id, time, event: 'SpotPriceChangeEvent', market, price: series.values[i] * discount }) as const
  return queueOf(series, range, { rank: rank.price, eventAt })
}

function sizeQueue(series: SizeSeries, range: Range, instances: Piecewise): EventQueue {
  const eventAt = (id: number, time: Time) =>
    ({ id, time, event: 'ModifyClusterSizeEvent', size: valueAt(instances, time) }) as const
  return queueOf(series, range, { rank: rank.size, eventAt })
}

interface EventKind {
  readonly rank: number
  readonly eventAt: (id: number, time: Time, index: number) => SimulationEvent
}

function queueOf(
  { times, firstId }: { times: Float64Array; firstId: number },
  range: Range,
  { rank, eventAt }: EventKind,
): EventQueue {
  const { from, to } = pointsIn(times, { range, lookBack: false })
  let i = from
  const queue = {
    length: to - from,
    rank,
    time: times[from],
    id: firstId + from,
    event: () => eventAt(queue.id, queue.time, i),
    next() {
      i++
      queue.id++
      queue.time = times[i]
      return i < to
    },
  }
  return queue
}

/** A line for each event, without its end. */
export function eventFormatter(format: EventFormat): (event: SimulationEvent) => string {
  const stamp = isoStamp()
  if (format === 'ndjson') return ({ id, time, ...rest }) => JSON.stringify({ id, time: stamp(time), ...rest })
  return (event) =>
    `=== Event ${event.id} -- ${stamp(event.time)}\t[${event.event}]${event.event === 'ModifyClusterSizeEvent' ? ` new size: ${event.size}` : ''}`
}

/** ISO-8601 with `+00:00`, and microseconds where they are not zero; equal times in a row are written once. */
function isoStamp(): (time: Time) => string {
  let last = Number.NaN
  let text = ''
  return (time) => {
    if (time === last) return text
    last = time
    text = new Date(time).toISOString().replace(/(\.000)?Z$/, (_, zeros) => (zeros ? '+00:00' : '000+00:00'))
    return text
  }
}
