import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DataKey, dataKeys, dataOf, integralInHours } from '../../src/simulate/data.ts'
import { readHistory } from '../../src/simulate/history.ts'
import { knownInstanceTypes } from '../../src/simulate/instance-types.ts'
import { constant } from '../../src/simulate/piecewise.ts'
import { selectCluster } from '../../src/simulate/select.ts'
import { type Simulation, type SimulationOptions, simulate } from '../../src/simulate/simulation.ts'
import { memorySource } from '../support/memory-source.ts'
import { runTwin, type TwinCluster } from './twin.ts'

const vcpus = { '<m3.large, us-west-2a>': 2, '<m3.large, us-west-2b>': 2, '<m3.2xlarge, us-west-2a>': 8 }
const markets = Object.keys(vcpus)
const capacitySeries = (market: string) =>
  `fulfilled_capacity|@key=${market.replaceAll(',', '\\,')},cluster=c,pool=p.mesos`
const allocatedSeries = 'cpus_allocated|cluster=c,pool=p.mesos'
const priceSeries = (market: string) => {
  const [type, zone] = market.slice(1, -1).split(', ')
  return `spot_prices|aws_availability_zone=${zone},aws_instance_type=${type}`
}
const inMs = (points: readonly (readonly [number, number])[]) =>
  points.map(([time, value]) => [time * 1000, value] as const)

/** The series of a cluster as a source gives them. */
function seriesOf(cluster: TwinCluster): Record<string, (readonly [number, number])[]> {
  const capacities = markets.map((market) => {
    const points = cluster.capacity.flatMap(({ time, state }) =>
      market in state ? [[time, state[market]] as const] : [],
    )
    return [capacitySeries(market), inMs(points)] as const
  })
  const prices = markets.map((market) => [priceSeries(market), inMs(cluster.prices[market])] as const)
  return Object.fromEntries([...capacities, ...prices, [allocatedSeries, inMs(cluster.allocated)]])
}

const optionsOf = (cluster: TwinCluster): SimulationOptions => ({
  range: { start: cluster.start * 1000, end: cluster.end * 1000 },
  instanceTypes: knownInstanceTypes(),
  lookBack: cluster.lookBack,
  cpusPerWeight: cluster.cpusPerWeight,
  discount: cluster.discount,
  joinDelay: () => cluster.joinDelay * 1000,
  billingPeriod: cluster.period * 1000,
  refund: cluster.refund,
  bids: new Map(Object.entries(cluster.bids)),
})

async function run(series: ReturnType<typeof seriesOf>, options: SimulationOptions): Promise<Simulation> {
  const history = await readHistory([memorySource(series)])
  return simulate(history, selectCluster(history, {}), options)
}

const runCluster = (cluster: TwinCluster) => run(seriesOf(cluster), optionsOf(cluster))

const times = fc.integer({ min: 0, max: 150 })
const ascending = <T>(value: fc.Arbitrary<T>, minLength = 0) =>
  fc
    .uniqueArray(fc.tuple(times, value), { selector: ([time]) => time, minLength, maxLength: 12 })
    .map((points) => points.sort(([a], [b]) => a - b))
const prices = ascending(
  fc.integer({ min: 0, max: 30 }).map((n) => n / 10),
  1,
)
const state = fc.dictionary(fc.constantFrom(...markets), fc.integer({ min: 0, max: 20 }), { minKeys: 1 })
const byMarket = <T>(value: fc.Arbitrary<T>) =>
  fc.record(Object.fromEntries(markets.map((market) => [market, value]))) as fc.Arbitrary<Record<string, T>>

const clusters: fc.Arbitrary<TwinCluster> = fc
  .record({
    window: fc.tuple(times, fc.integer({ min: 1, max: 100 })),
    capacity: ascending(state).map((points) => points.map(([time, state]) => ({ time, state }))),
    allocated: ascending(fc.integer({ min: 0, max: 40 })),
    prices: byMarket(prices),
    cpusPerWeight: fc.constantFrom(1, 2),
    discount: fc.constantFrom(1, 0.5),
    joinDelay: fc.constantFrom(0, 0, 7, 60),
    period: fc.constantFrom(1, 7, 60, 3600),
    refund: fc.boolean(),
    bids: fc.dictionary(fc.constantFrom(...markets), fc.constantFrom(0.5, 1, 2)),
    lookBack: fc.boolean(),
  })
  .map(({ window: [start, length], ...rest }) => ({ ...rest, start, end: start + length, vcpus }))

const close = (actual: number, expected: number, what: string) =>
  expect(Math.abs(actual - expected), what).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)))

describe('a simulation', () => {
  it('equals a literal simulator of single instances on 2,000 random clusters', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.integer({ min: 1, max: 80 }), async (cluster, step) => {
        const simulation = await runCluster(cluster)
        const twin = runTwin(cluster)
        for (const key of dataKeys) compare(simulation, { twin, key, step, cluster })
      }),
      { numRuns: 2_000 },
    )
  }, 120_000)
})

describe('the cost', () => {
  const costOf = ({ functions, range }: Simulation) => integralInHours(functions.cost, range)

  it('is linear in the discount', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, async (cluster) => {
        const bare = { ...cluster, bids: {} }
        const full = await runCluster({ ...bare, discount: 1 })
        const half = await runCluster({ ...bare, discount: 0.5 })
        expect(costOf(half)).toBe(costOf(full) / 2)
      }),
    )
  })

  it('is the sum of the costs of its parts where the window is split at a billing point', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.nat({ max: 99 }), async (cluster, offset) => {
        const whole = { ...cluster, bids: {}, period: 1, lookBack: true }
        const middle = whole.start + Math.min(offset, whole.end - whole.start - 1)
        fc.pre(middle > whole.start)
        const parts = [await runCluster({ ...whole, end: middle }), await runCluster({ ...whole, start: middle })]
        close(costOf(parts[0]) + costOf(parts[1]), costOf(await runCluster(whole)), 'sum of the parts')
      }),
    )
  })

  it('and everything else is bit for bit the same whatever the order of the series', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, async (cluster) => {
        const series = seriesOf(cluster)
        const turned = Object.fromEntries(Object.entries(series).reverse())
        const options = optionsOf(cluster)
        expect((await run(turned, options)).functions).toEqual((await run(series, options)).functions)
      }),
    )
  })
})

describe('the capacity', () => {
  it('is never negative, whatever joins late or never', async () => {
    await fc.assert(
      fc.asyncProperty(
        clusters,
        fc.array(fc.integer({ min: -90, max: 90 }), { minLength: 1 }),
        async (cluster, delays) => {
          let next = 0
          const delay = () => delays[next++ % delays.length] * 1000
          const { functions } = await run(seriesOf(cluster), { ...optionsOf(cluster), joinDelay: () => delay })
          for (const name of ['rented', 'joined', 'instances'] as const) {
            expect(Math.min(functions[name].initial, ...functions[name].ys)).toBeGreaterThanOrEqual(0)
          }
        },
      ),
    )
  })

  it('joins late by the same delay whether instances are drawn one by one or all at once', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, async (cluster) => {
        const options = optionsOf(cluster)
        const single = { ...options, joinDelay: () => () => cluster.joinDelay * 1000 }
        expect((await run(seriesOf(cluster), single)).functions).toEqual((await runCluster(cluster)).functions)
      }),
    )
  })
})

describe('the data of a simulation', () => {
  it('is refused in more steps than memory holds', () => {
    const functions = { cost: constant(1) } as Simulation['functions']
    const grid = { start: Date.UTC(2017, 11, 1), end: Date.UTC(9999, 11, 31), step: 60_000 }
    expect(() => dataOf('cost', { functions }, grid)).toThrow(
      'too many steps of 1m in 2017-12-01T00:00:00Z/9999-12-31T00:00:00Z: expected at most 100000000',
    )
  })
})

function compare(
  simulation: Simulation,
  { twin, key, step, cluster }: { twin: ReturnType<typeof runTwin>; key: DataKey; step: number; cluster: TwinCluster },
): void {
  const { start, end } = simulation.range
  const data = dataOf(key, simulation, { start, end, step: step * 1000 })
  for (const [i, value] of data.entries()) {
    const from = cluster.start + i * step
    close(value, twin.data(key, from, Math.min(from + step, cluster.end)), `${key} at ${from}`)
  }
}
