import { describe, expect, it } from 'vitest'
import { eventFormatter, eventsOf } from '../../src/simulate/events.ts'
import { readHistory, spanOf } from '../../src/simulate/history.ts'
import { knownInstanceTypes } from '../../src/simulate/instance-types.ts'
import { type ClusterFilter, selectCluster } from '../../src/simulate/select.ts'
import { type SimulationOptions, simulate } from '../../src/simulate/simulation.ts'
import { memorySource } from '../support/memory-source.ts'

type Series = Parameters<typeof memorySource>[0]

const minute = 60_000
const range = { start: 0, end: 10 * minute }
const marketA = '<m3.large, us-west-2a>'
const price = 'spot_prices|aws_availability_zone=us-west-2a,aws_instance_type=m3.large'
const capacity = `fulfilled_capacity|@key=${marketA.replace(',', '\\,')},cluster=c,pool=p.mesos`
const spelling = capacity.replace(marketA.replace(',', '\\,'), 'm3.large\\,us-west-2a')
const noMarket = capacity.replace(/@key=[^,]*,[^,]*/, '@key=')
const typed = (name: string) => name.replace('|', '|@type=metadata,')
const plain: Series = { [price]: [[0, 1]], [capacity]: [[0, 4]] }

async function run(series: Series | Series[], options: Partial<SimulationOptions> & { filter?: ClusterFilter } = {}) {
  const history = await readHistory([series].flat().map(memorySource))
  const own = selectCluster(history, options.filter ?? {})
  const simulation = simulate(history, own, { range, instanceTypes: knownInstanceTypes(), ...options })
  return { history, own, simulation, lines: Array.from(eventsOf(history, own, simulation), eventFormatter('text')) }
}

const failure = async (...args: Parameters<typeof run>) =>
  run(...args).then(
    () => 'no error',
    (error: Error) => error.message,
  )

describe('the span of a history', () => {
  it('goes from the first to the last point of however many series', () => {
    const cluster = { cluster: 'c', pool: 'p', scheduler: undefined }
    const allocated = Array.from({ length: 200_000 }, (_, i) => ({
      cluster,
      where: 'here',
      times: Float64Array.of(i, i + 2),
      values: Float64Array.of(1, 1),
    }))
    expect(spanOf({ prices: new Map(), sizes: [], allocated })).toEqual({ first: 0, last: 200_001 })
  })

  it('is none without points', () => {
    expect(spanOf({ prices: new Map(), sizes: [], allocated: [] })).toBeUndefined()
  })
})

describe('spellings of series', () => {
  it.each([
    ['spot_prices|aws_availability_zone=us-west-2a,aws_instance_type=m3.large'],
    ['spot_prices|@type=metadata,AZ=us-west-2a,instance_type=m3.large'],
    ['spot_price|AZ=us-west-2a,instance_type=m3.large'],
    ['spot_prices_m3.large_us-west-2a'],
  ])('%s is the price of a market', async (name) => {
    const { history } = await run({ [name]: [[0, 1]] })
    expect([...history.prices.keys()]).toEqual([marketA])
  })

  it.each([
    ['fulfilled_capacity|@key=<m3.large\\, us-west-2a>,cluster=c,pool=p.kubernetes', 'p', 'kubernetes'],
    ['capacity|@key=m3.large\\,us-west-2a,cluster=c,role=r', 'r', undefined],
    ['capacity|@key=<m3.large\\,us-west-2a>,@type=metadata,cluster=c,pool=a.b', 'a.b', undefined],
  ])('%s is a size', async (name, pool, scheduler) => {
    const { own, simulation } = await run({ [name]: [[0, 4]], [price]: [[0, 1]] })
    expect(own.cluster).toEqual({ cluster: 'c', pool, scheduler })
    expect(simulation.functions.instances.initial).toBe(2)
  })

  it.each([['cpus_allocated|cluster=c,pool=p.mesos'], ['cpu_allocation|cluster=c,role=p']])(
    '%s is what work was given',
    async (name) => {
      const { simulation } = await run({ ...plain, [name]: [[0, 3]] })
      expect(simulation.functions.allocated.initial).toBe(3)
    },
  )

  it('other series are passed over', async () => {
    const { lines } = await run({ ...plain, 'seagull_runs|@type=app_metrics': [[0, 1]], 'capacity|x=y': [[0, 1]] })
    expect(lines).toHaveLength(4)
  })
})

describe('several inputs', () => {
  it('a later one replaces a metric whole, in its place', async () => {
    const later = { [price]: [[minute, 5]] } as Series
    const { history, lines } = await run([plain, later])
    expect([...(history.prices.get(marketA)?.times ?? [])]).toEqual([minute])
    expect(lines[1]).toBe('=== Event 3 -- 1970-01-01T00:00:00+00:00\t[ModifyClusterSizeEvent] new size: 2')
  })

  it.each([
    ['flat', 'of a type', (name: string) => name, typed],
    ['of a type', 'flat', typed, (name: string) => name],
    ['in an older spelling', 'in a newer one', (name: string) => name.replace('pool', 'role'), (name: string) => name],
  ])('a metric that is %s in the first and %s in the later one is the later one’s', async (_, __, first, later) => {
    const spelt = (spell: (name: string) => string, [cost, size, vcpus]: number[]): Series => ({
      [spell(price)]: [[0, cost]],
      [spell(capacity)]: [[0, size]],
      [spell('cpus_allocated|cluster=c,pool=p.mesos')]: [[0, vcpus]],
    })
    const { simulation } = await run([spelt(first, [1, 2, 3]), spelt(later, [5, 8, 7])])
    const { instances, cost, allocated } = simulation.functions
    expect([instances.initial, cost.initial, allocated.initial]).toEqual([4, 20, 7])
  })

  it('a market of a capacity that the later one leaves out is gone', async () => {
    const other = capacity.replace('2a', '2b')
    const { simulation } = await run([{ ...plain, [other]: [[0, 8]] }, { [capacity]: [[0, 4]] }])
    expect(simulation.functions.instances.initial).toBe(2)
  })
})

describe('the choice of a cluster', () => {
  const two: Series = { ...plain, [capacity.replace('cluster=c', 'cluster=d')]: [[0, 8]] }

  it('is needed where several have points', async () => {
    expect(await failure(two)).toBe(
      'ambiguous cluster: the inputs have cluster c, pool p, scheduler mesos; cluster d, pool p, scheduler mesos',
    )
    expect((await run(two, { filter: { cluster: 'd' } })).simulation.functions.instances.initial).toBe(4)
  })

  it('is not needed where another has no points', async () => {
    const empty = { ...plain, [capacity.replace('cluster=c', 'cluster=d')]: [] }
    expect((await run(empty)).own.cluster?.cluster).toBe('c')
  })

  it('is refused where no such one is there', async () => {
    expect(await failure(two, { filter: { cluster: 'd', pool: 'q' } })).toMatch(
      /^unknown cluster: expected cluster c.*, got cluster d, pool q$/,
    )
  })
})

describe('the state of a cluster', () => {
  const marketB = capacity.replace('2a', '2b')
  const prices = { [price]: [[0, 1]], [price.replace('2a', '2b')]: [[0, 1]] } as Series

  it('has nothing in a market that a point does not mention', async () => {
    const { simulation } = await run({ ...prices, [capacity]: [[0, 4]], [marketB]: [[minute, 2]] })
    expect([simulation.functions.instances.initial, ...simulation.functions.instances.ys]).toEqual([2, 1])
  })

  it('is empty from a point without any market', async () => {
    const { simulation, lines } = await run({ ...prices, [capacity]: [[0, 4]], [noMarket]: [[minute, Number.NaN]] })
    expect([...simulation.functions.instances.ys]).toEqual([0])
    expect(lines).toContain('=== Event 5 -- 1970-01-01T00:01:00+00:00\t[ModifyClusterSizeEvent] new size: 0')
  })

  it('keeps the instances of a market that the next point spells otherwise', async () => {
    const series: Series = { ...prices, [capacity]: [[0, 4]], [spelling]: [[minute, 4]] }
    const { own, simulation } = await run(series, { billingPeriod: 3 * minute })
    expect(own.size?.markets).toHaveLength(1)
    expect([simulation.functions.cost.initial, ...simulation.functions.cost.xs]).toEqual([2])
  })

  it('before the window counts, and not with look-back off', async () => {
    const early: Series = {
      [price]: [[-minute, 2]],
      [capacity]: [[-minute, 4]],
      'cpus_allocated|cluster=c,pool=p.mesos': [[-1, 3]],
    }
    const seen = (await run(early)).simulation.functions
    expect([seen.instances.initial, seen.cost.initial, seen.allocated.initial]).toEqual([2, 4, 3])
    const unseen = (await run(early, { lookBack: false })).simulation.functions
    expect([unseen.instances.initial, unseen.cost.initial, unseen.allocated.initial]).toEqual([0, 0, 0])
  })

  it('takes the first state as it is and lets later instances join late', async () => {
    const growing: Series = {
      [price]: [[0, 1]],
      [capacity]: [
        [minute, 2],
        [2 * minute, 6],
      ],
    }
    const { joined, rented } = (await run(growing, { joinDelay: () => 30_000 })).simulation.functions
    expect([...rented.xs]).toEqual([minute, 2 * minute])
    expect([...joined.xs]).toEqual([minute, 2.5 * minute])
  })

  it('says which instances have no price yet', async () => {
    const late = { ...plain, [price]: [[minute, 1]] } as Series
    expect((await run(late)).simulation.notes).toContain(
      `no price of ${marketA} before 1970-01-01T00:01:00Z: its instances cost nothing there`,
    )
  })
})

describe('events', () => {
  it('come by time, at equal times sizes before prices, then by id, however many points lie outside the window', async () => {
    const { lines } = await run({
      [price]: [
        [-5, 9],
        [0, 1],
        [minute, 2],
        [10 * minute, 3],
      ],
      [price.replace('2a', '2b')]: [[0, 1]],
      [capacity]: [
        [-1, 2],
        [minute, 4],
        [10 * minute, 8],
      ],
      [price.replace('2a', '2c')]: [
        [minute, 7],
        [minute + 0.5 * 1000, 8],
      ],
    })
    expect(lines.map((line) => line.replace(/1970-01-01T00:/, ''))).toEqual([
      '=== Event 0 -- 00:00+00:00\t[Simulation begins]',
      '=== Event 3 -- 00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 6 -- 00:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 8 -- 01:00+00:00\t[ModifyClusterSizeEvent] new size: 2',
      '=== Event 4 -- 01:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 10 -- 01:00+00:00\t[SpotPriceChangeEvent]',
      '=== Event 11 -- 01:00.500000+00:00\t[SpotPriceChangeEvent]',
      '=== Event 1 -- 10:00+00:00\t[Simulation ends]',
    ])
  })

  it('carry market and price, or size, as NDJSON', async () => {
    const { history, own, simulation } = await run(plain)
    expect(
      Array.from(eventsOf(history, own, simulation), eventFormatter('ndjson'))
        .slice(1, 3)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: 3, time: '1970-01-01T00:00:00+00:00', event: 'ModifyClusterSizeEvent', size: 2 },
      { id: 2, time: '1970-01-01T00:00:00+00:00', event: 'SpotPriceChangeEvent', market: marketA, price: 1 },
    ])
  })
})

describe('prices and bids', () => {
  it('an on-demand price stands in for a market without a series, not for one with', async () => {
    const onDemandPrices = new Map([['m3.large', 7]])
    const cost = async (series: Series) => (await run(series, { onDemandPrices })).simulation.functions.cost.initial
    expect(await cost({ [capacity]: [[0, 2]] })).toBe(7)
    expect(await cost({ [capacity]: [[0, 2]], [price]: [[0, 1]] })).toBe(1)
  })

  it('a price may be by market', async () => {
    const options = {
      onDemandPrices: new Map([
        ['m3.large', 7],
        [marketA, 9],
      ]),
    }
    expect((await run({ [capacity]: [[0, 2]] }, options)).simulation.functions.cost.initial).toBe(9)
  })
})

describe('bad input', () => {
  const where = 'fulfilled_capacity|cluster=c,pool=p.mesos of memory'
  it.each<[string, Series, string]>([
    [
      'a time twice',
      {
        ...plain,
        [price]: [
          [0, 1],
          [0, 2],
        ],
      },
      `duplicate time: 1970-01-01T00:00:00Z stands twice in ${price} of memory`,
    ],
    [
      'a market twice in a state',
      { ...plain, [spelling]: [[0, 4]] },
      `duplicate time: 1970-01-01T00:00:00Z stands twice for ${marketA} in ${where}`,
    ],
    [
      'a state that is empty and not',
      {
        ...plain,
        [noMarket]: [
          [-1, Number.NaN],
          [0, Number.NaN],
        ],
      },
      `duplicate time: 1970-01-01T00:00:00Z stands twice in ${where}`,
    ],
    [
      'an empty state twice',
      {
        ...plain,
        [noMarket]: [
          [9, Number.NaN],
          [9, Number.NaN],
        ],
      },
      `duplicate time: 1970-01-01T00:00:00.009Z stands twice in ${where}`,
    ],
    [
      'a value that is no number',
      { ...plain, [price]: [[0, Number.NaN]] },
      `invalid value: expected a finite number, got NaN at 1970-01-01T00:00:00Z in ${price} of memory`,
    ],
    [
      'an unknown type',
      { [capacity.replace('m3.large', 'm3.huge')]: [[0, 1]] },
      `unknown instance type: m3.huge of <m3.huge, us-west-2a> in ${where}`,
    ],
    [
      'a key that is no market',
      { [capacity.replace('m3.large\\,', 'm3.large')]: [[0, 1]] },
      `invalid market: expected <type, zone>, got "<m3.large us-west-2a>" in ${where}`,
    ],
    [
      'a zone that cannot be',
      { [capacity.replace('us-west-2a', 'west')]: [[0, 1]] },
      `invalid zone: expected a name such as us-west-2a, got "west" in ${where}`,
    ],
    [
      'a price of no type',
      { 'spot_prices|AZ=us-west-2a': [[0, 1]] },
      'invalid instance type: expected a name such as c3.8xlarge, got "" in spot_prices|AZ=us-west-2a of memory',
    ],
    [
      'a missing price',
      { [capacity]: [[0, 2]] },
      `missing price: no price series for ${marketA}, which has instances in ${where}`,
    ],
    [
      'a negative capacity',
      { ...plain, [capacity]: [[0, -2]] },
      `invalid capacity: expected 0 or more, got -2 for ${marketA} at 1970-01-01T00:00:00Z in ${where}`,
    ],
    [
      'a plain capacity',
      { [capacity.replace(/@key=[^,]*,[^,]*,/, '')]: [[0, 2]] },
      `invalid capacity: expected numbers by market, got plain numbers in ${where}`,
    ],
    [
      'a price by key',
      { 'spot_prices|@key=x,AZ=us-west-2a,instance_type=m3.large': [[0, 2]] },
      'invalid value: expected plain numbers, got numbers by key in spot_prices|AZ=us-west-2a,instance_type=m3.large of memory',
    ],
  ])('%s is named with its place', async (_, series, message) => {
    expect(await failure(series)).toBe(message)
  })

  it.each([
    ['an empty window', { start: 5, end: 5 }],
    ['an end before the start', { start: 9, end: 5 }],
  ])('%s is refused', async (_, window) => {
    expect(await failure(plain, { range: window })).toMatch(
      /^invalid window: expected a start before the end, got 1970/,
    )
  })

  it('a unit of capacity larger than an instance is refused', async () => {
    expect(await failure(plain, { cpusPerWeight: 3 })).toBe(
      'invalid CPUs per weight: m3.large has 2 vCPUs, expected at most that, got 3',
    )
  })
})

describe('the table of instance types', () => {
  const types = knownInstanceTypes()

  it('has the types of the original, less two that never were and with one it forgot', () => {
    expect(types.size).toBe(319 - 2 + 1)
  })

  it.each([
    ['t2.nano', { vcpus: 1, memory: 0.5, disk: 0, gpus: 0 }],
    ['c3.8xlarge', { vcpus: 32, memory: 60, disk: 640, gpus: 0 }],
    ['r3.8xlarge', { vcpus: 32, memory: 244, disk: 640, gpus: 0 }],
    ['i3.16xlarge', { vcpus: 64, memory: 488, disk: 15200, gpus: 0 }],
    ['i3en.12xlarge', { vcpus: 48, memory: 384, disk: 30000, gpus: 0 }],
    ['c5n.18xlarge', { vcpus: 72, memory: 192, disk: 0, gpus: 0 }],
    ['p2.16xlarge', { vcpus: 64, memory: 732, disk: 0, gpus: 16 }],
    ['m5dn.24xlarge', { vcpus: 96, memory: 384, disk: 3600, gpus: 0 }],
  ])('%s', (name, expected) => {
    expect(types.get(name)).toEqual(expected)
  })
})
