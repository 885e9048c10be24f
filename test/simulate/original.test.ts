import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { dataKeys, dataOf } from '../../src/simulate/data.ts'
import { eventFormatter, eventsOf } from '../../src/simulate/events.ts'
import { readHistory } from '../../src/simulate/history.ts'
import { knownInstanceTypes } from '../../src/simulate/instance-types.ts'
import { selectCluster } from '../../src/simulate/select.ts'
import { simulate } from '../../src/simulate/simulation.ts'
import { metricsFileSource } from '../../src/source/metrics-file-source.ts'
import { sharedData } from '../support/shared.ts'
import { runTwin } from './twin.ts'

const samples = sharedData('clusterman') ?? ''

async function replay(file: string, { start, end }: { start: string; end: string }) {
  const history = await readHistory([metricsFileSource(join(samples, file))])
  const own = selectCluster(history, {})
  const range = { start: Date.parse(start), end: Date.parse(end) }
  const simulation = simulate(history, own, { range, instanceTypes: knownInstanceTypes() })
  const lines = Array.from(eventsOf(history, own, simulation), eventFormatter('text'))
  return { history, simulation, lines }
}

type Pickled = { 'py/tuple': [{ timestamp: number }, unknown] }[]

/** The acceptance sample as the twin takes it, read without any of our code. */
function twinOf(range: { start: number; end: number }) {
  const text = gunzipSync(readFileSync(join(samples, 'itest-metrics.json.gz'))).toString()
  const { metadata, system_metrics } = JSON.parse(text) as Record<string, Record<string, Pickled>>
  const points = <T>(series: Pickled) =>
    series.map(({ 'py/tuple': [time, value] }) => [time.timestamp, value as T] as const)
  const zones = ['a', 'b', 'c'].map((letter) => `us-west-2${letter}`)
  const market = (zone: string) => `<m3.large, ${zone}>`
  const price = (zone: string) => metadata[`spot_prices|aws_availability_zone=${zone},aws_instance_type=m3.large`]
  return runTwin({
    ...range,
    capacity: points<Record<string, number>>(metadata['fulfilled_capacity|cluster=local-dev,pool=default.mesos']).map(
      ([time, state]) => ({ time, state }),
    ),
    allocated: points<number>(system_metrics['cpus_allocated|cluster=local-dev,pool=default.mesos']),
    prices: Object.fromEntries(zones.map((zone) => [market(zone), points<number>(price(zone))])),
    vcpus: Object.fromEntries(zones.map((zone) => [market(zone), 2])),
    cpusPerWeight: 1,
    discount: 1,
    joinDelay: 0,
    period: 1,
    refund: true,
    bids: {},
    lookBack: true,
  })
}

describe.skipIf(!samples)('the acceptance sample of the original', () => {
  const start = '2017-12-01T16:00:00Z'

  it.each([
    ['ten minutes', '2017-12-01T16:10:00Z', 10],
    ['an hour', '2017-12-01T17:00:00Z', 60],
  ])('has the numbers of a literal simulator for %s, minute by minute', async (_, end, minutes) => {
    const { simulation } = await replay('itest-metrics.json.gz', { start, end })
    const seconds = { start: Date.parse(start) / 1000, end: Date.parse(end) / 1000 }
    const twin = twinOf(seconds)
    for (const key of dataKeys) {
      const data = dataOf(key, simulation, { ...simulation.range, step: 60_000 })
      const expected = Array.from(data, (_, i) => {
        const from = seconds.start + 60 * i
        return twin.data(key, from, from + 60)
      })
      expect(data.length).toBe(minutes)
      for (const [i, value] of data.entries()) expect(value, `${key} in minute ${i}`).toBeCloseTo(expected[i], 9)
    }
  })

  it('begins with the new size, then the prices of that instant in the order of their ids', async () => {
    const { lines } = await replay('itest-metrics.json.gz', { start, end: '2017-12-01T16:01:00Z' })
    expect(lines).toEqual([
      '=== Event 0 -- 2017-12-01T16:00:00+00:00\t[Simulation begins]',
      '=== Event 2 -- 2017-12-01T16:00:00+00:00\t[ModifyClusterSizeEvent] new size: 4',
      '=== Event 62 -- 2017-12-01T16:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 122 -- 2017-12-01T16:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 182 -- 2017-12-01T16:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 1 -- 2017-12-01T16:01:00+00:00\t[Simulation ends]',
    ])
  })
})

describe.skipIf(!samples)('sample files of every generation', () => {
  it('the oldest gives the session of the original documentation', async () => {
    const window = { start: '2017-08-01T08:00:00Z', end: '2017-08-01T08:10:00Z' }
    const { lines } = await replay('metrics-4416b4c.json.gz', window)
    expect(lines).toEqual([
      '=== Event 0 -- 2017-08-01T08:00:00+00:00\t[Simulation begins]',
      '=== Event 2 -- 2017-08-01T08:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 21 -- 2017-08-01T08:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 28 -- 2017-08-01T08:00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 22 -- 2017-08-01T08:02:50+00:00\t[SpotPriceChangeEvent]',
      '=== Event 3 -- 2017-08-01T08:05:14+00:00\t[SpotPriceChangeEvent]',
      '=== Event 23 -- 2017-08-01T08:06:04+00:00\t[SpotPriceChangeEvent]',
      '=== Event 1 -- 2017-08-01T08:10:00+00:00\t[Simulation ends]',
    ])
  })

  it.each([
    ['metrics-4416b4c.json.gz', [19, 7, 6], 0],
    ['metrics-9b5b47e.json.gz', [12, 20, 11], 0],
    ['metrics-d74d045.json.gz', [13, 14, 11], 0],
    ['metrics-c3df39b.json.gz', [12, 15, 10], 8],
  ])('%s has its prices and sizes found', async (file, prices, sizes) => {
    const { history } = await replay(file, { start: '2017-08-01T15:00:00Z', end: '2017-08-01T16:00:00Z' })
    expect([...history.prices.keys()]).toEqual(['a', 'b', 'c'].map((zone) => `<c3.8xlarge, us-west-2${zone}>`))
    expect(Array.from(history.prices.values(), ({ times }) => times.length)).toEqual(prices)
    expect(history.sizes.reduce((total, { times }) => total + times.length, 0)).toBe(sizes)
  })

  it('a capacity of 46 vCPUs in markets of 32 is one instance in each that has at least 32', async () => {
    const window = { start: '2017-08-01T15:00:00Z', end: '2017-08-01T15:01:00Z' }
    const { simulation } = await replay('metrics-c3df39b.json.gz', window)
    expect(simulation.functions.instances.initial).toBe(1)
    expect(simulation.functions.rented.initial).toBe(32)
  })
})
