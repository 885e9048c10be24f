import type { Range, Time } from '../time/range.ts'
import type { History, PriceSeries, SizeSeries } from './history.ts'
import { formatMarket } from './market.ts'
import { mergeSorted, type Stream } from './merge.ts'
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

const priority = {
  'Simulation begins': 0,
  'Simulation ends': 0,
  ModifyClusterSizeEvent: 1,
  SpotPriceChangeEvent: 2,
} as const

/**
 * The events of a simulation by time, at equal times by priority (size changes come before prices), then by id. Prices of all
 * markets, whether they have instances or not, and sizes of the one cluster; what lies outside the range has an id but no event.
 */
export function* eventsOf(
  history: History,
  { size }: ClusterHistory,
  { range, functions }: Pick<Simulation, 'range' | 'functions'>,
): Generator<SimulationEvent> {
  const streams = Array.from(history.prices.values(), (series) => priceStream(series, range))
  if (size) streams.push(sizeStream(size, range, functions.instances))
  yield { id: 0, time: range.start, event: 'Simulation begins' }
  yield* mergeSorted(streams, inOrder)
  yield { id: 1, time: range.end, event: 'Simulation ends' }
}

const inOrder = (a: SimulationEvent, b: SimulationEvent): number =>
  a.time - b.time || priority[a.event] - priority[b.event] || a.id - b.id

function priceStream(series: PriceSeries, range: Range): Stream<SimulationEvent> {
  const market = formatMarket(series.market)
  return streamOf(series, range, (id, i) => ({
    id,
    time: series.times[i],
    event: 'SpotPriceChangeEvent',
    market,
    price: series.values[i],
  }))
}

const sizeStream = (series: SizeSeries, range: Range, instances: Piecewise): Stream<SimulationEvent> =>
  streamOf(series, range, (id, i) => ({
    id,
    time: series.times[i],
    event: 'ModifyClusterSizeEvent',
    size: valueAt(instances, series.times[i]),
  }))

function streamOf(
  { times, firstId }: { times: Float64Array; firstId: number },
  range: Range,
  eventAt: (id: number, index: number) => SimulationEvent,
): Stream<SimulationEvent> {
  const { from, to } = pointsIn(times, { range, lookBack: false })
  let i = from
  const current = () => (i < to ? eventAt(firstId + i, i) : undefined)
  let event = current()
  return {
    peek: () => event,
    next() {
      i++
      event = current()
    },
  }
}

export type EventFormat = 'text' | 'ndjson'

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
