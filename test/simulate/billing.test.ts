import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, costOfCount } from '../../src/simulate/billing.ts'
import { integralInHours } from '../../src/simulate/data.ts'
import { type Cohorts, cohortsOf } from '../../src/simulate/fleet.ts'
import { piecewise, restrict } from '../../src/simulate/piecewise.ts'

const one = (launch: number, end: number): Cohorts => ({
  length: 1,
  launch: Float64Array.of(launch * 1000),
  end: Float64Array.of(end * 1000),
  join: Float64Array.of(launch * 1000),
  size: Float64Array.of(1),
})
const steps = (...points: [number, number][]) => piecewise(points.map(([seconds, y]) => [seconds * 1000, y] as const))

interface Row {
  readonly what: string
  readonly end: number
  readonly period: number
  readonly prices: [number, number][]
  readonly window?: number
  readonly bid?: number
  readonly refund?: boolean
  readonly total: number
  readonly rates?: [number, number][]
}

const rows: Row[] = [
  {
    what: 'follows the price each second',
    end: 3600,
    period: 1,
    prices: [
      [0, 1],
      [1800, 2],
    ],
    total: 1.5,
    rates: [
      [0, 1],
      [1800, 2],
      [3600, 0],
    ],
  },
  {
    what: 'ignores a price inside a period',
    end: 3600,
    period: 3600,
    prices: [
      [0, 1],
      [1800, 2],
    ],
    total: 1,
    rates: [
      [0, 1],
      [3600, 0],
    ],
  },
  {
    what: 'takes a price of just before a billing point',
    end: 7200,
    period: 3600,
    prices: [
      [0, 1],
      [3599, 2],
    ],
    window: 7200,
    total: 3,
    rates: [
      [0, 1],
      [3600, 2],
      [7200, 0],
    ],
  },
  {
    what: 'takes a price of exactly a billing point',
    end: 7200,
    period: 3600,
    prices: [
      [0, 1],
      [3600, 2],
    ],
    window: 7200,
    total: 3,
    rates: [
      [0, 1],
      [3600, 2],
      [7200, 0],
    ],
  },
  {
    what: 'charges a period begun in full',
    end: 3601,
    period: 3600,
    prices: [[0, 1]],
    window: 7200,
    total: 2,
    rates: [
      [0, 1],
      [7200, 0],
    ],
  },
  { what: 'charges one period for no time at all', end: 0, period: 3600, prices: [[0, 1]], total: 1 },
  {
    what: 'refunds the last second at a bid equal to the price',
    end: 3600,
    period: 1,
    prices: [[0, 1]],
    bid: 1,
    total: 3599 / 3600,
    rates: [
      [0, 1],
      [3599, 0],
    ],
  },
  {
    what: 'charges in full at a bid above the price',
    end: 3600,
    period: 1,
    prices: [[0, 1]],
    bid: 1.5,
    total: 1,
    rates: [
      [0, 1],
      [3600, 0],
    ],
  },
  {
    what: 'refunds the half hour in which it is outbid',
    end: 3599,
    period: 1800,
    prices: [
      [0, 1],
      [3539, 3],
    ],
    bid: 2,
    total: 0.5,
  },
  {
    what: 'refunds nothing when refunds are off',
    end: 3599,
    period: 1800,
    prices: [
      [0, 1],
      [3539, 3],
    ],
    bid: 2,
    refund: false,
    total: 1,
  },
  {
    what: 'refunds to exactly nothing where the end is a billing point and the price moved',
    end: 3600,
    period: 1800,
    prices: [
      [0, 1],
      [3000, 5],
    ],
    bid: 2,
    total: 0.5,
    rates: [
      [0, 1],
      [1800, 0],
    ],
  },
]

describe('the bill of one instance', () => {
  it.each(rows)('$what', ({ end, period, prices, window = 3600, bid, refund = true, total, rates }) => {
    const cost = costOf(one(0, end), steps(...prices), { period: period * 1000, refund, bid })
    expect(integralInHours(cost, { start: 0, end: window * 1000 })).toBeCloseTo(total, 12)
    if (rates) expect(cost).toEqual(steps(...rates))
  })
})

describe('the bill of a number of instances', () => {
  const ascending = (step: number) =>
    fc
      .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.nat({ max: 5 })), { selector: ([x]) => x })
      .map((points) => piecewise(points.sort(([a], [b]) => a - b).map(([x, y]) => [x * step, y] as const)))
  const range = { start: 0, end: 41_000 }

  it('is that of the single ones where every change is a billing point of all', () => {
    fc.assert(
      fc.property(ascending(1_000), ascending(700), (count, price) => {
        const billing = { period: 1_000, refund: true }
        const single = costOf(cohortsOf(count, { range, settled: 0, delay: 0 }), price, billing)
        expect(restrict(costOfCount(count, price, billing) ?? piecewise([]), range)).toEqual(restrict(single, range))
      }),
    )
  })

  it.each([
    ['a change lies between billing points', { period: 1_500, refund: true }],
    ['the last period may be free', { period: 1_000, refund: true, bid: 1 }],
  ])('takes a look at single ones where %s', (_, billing) => {
    expect(costOfCount(steps([1, 3], [2, 0]), steps([0, 1]), billing)).toBeUndefined()
  })
})
