import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange } from '../../src/metric/arrange.ts'
import { coarsen } from '../../src/rollup/coarsen.ts'
import { chain, min5, min20, min60 } from '../../src/time/granularity.ts'
import { decodeRollup } from './blueflood.ts'
import { coarsenGroups, exactMoments, rollUp, summarise, summaryOf, type Value } from './support.ts'

const tens: Value[][] = [[10n], [10n, 20n], [10n, 20n, 30n]]
const mixed: Value[][] = [[1, 2, 3], [10], [4.5, 5.5]]
const twelve: Value[][] = [
  [1n, 2n, 3n],
  [4n, 5n, 6n],
  [7n, 8n, 9n],
  [10n, 11n, 13n],
]

describe('a rollup of rollups, the Blueflood way', () => {
  it.each([
    ['{10},{10,20},{10,20,30}', tens, '0106006c10016e731cc7711cc74b40026c0a036c1e0000000000005940'],
    [
      '{1,2,3.0},{10.0},{4.5,5.5}',
      mixed,
      '0106006e5655555555551140016e721cc7711c472140026e000000000000f03f036e00000000000024400000000000003a40',
    ],
    ['{1,2,3},{4,5,6},{7,8,9},{10,11,13}', twelve, '010c006c06016e711cc7711c472840026c01036c0d0000000000c05340'],
  ])('is what Blueflood writes: %s', (_, groups, hex) => {
    expect(coarsenGroups(groups, 'blueflood')).toEqual(decodeRollup(hex))
  })

  it('has the numbers of the specification', () => {
    const { average: ten, ...tenth } = coarsenGroups(tens, 'blueflood')
    expect(tenth).toMatchObject({ count: 6, mean: 16, variance: 55.555555555555564, min: 10n, max: 30n, sum: 100 })
    expect(ten).toBe(16n)
    expect(coarsenGroups(mixed, 'blueflood')).toMatchObject({ mean: 4.333333333333334, variance: 8.63888888888889 })
    expect(coarsenGroups(twelve, 'blueflood')).toMatchObject({ mean: 6, variance: 12.138888888888888, sum: 79 })
  })

  it('mixes integer and double averages as wrongly as Blueflood does, in either order', () => {
    const [integers, doubles]: Value[][] = [
      [10n, 20n],
      [1.5, 2.5],
    ]
    expect(coarsenGroups([integers, doubles], 'blueflood').mean).toBe(1)
    expect(coarsenGroups([doubles, integers], 'blueflood').mean).toBe(1)
    expect(coarsenGroups([integers, doubles]).mean).toBe(8.5)
  })
})

describe('a rollup of rollups', () => {
  it.each(['exact', 'blueflood'] as const)('passes over rows of count 0: %s', (mode) => {
    expect(coarsenGroups([[], [10n, 20n], []], mode)).toEqual(summarise([10n, 20n], mode))
    expect(coarsen(rollUp([[], []], mode), min20, mode).length).toBe(0)
  })

  it('of one rollup is that rollup', () => {
    for (const values of [
      [1.5, 2.5, -0],
      [1n, 2n, 7n],
      [Number.NaN, 1],
    ] as Value[][])
      expect(coarsenGroups([values])).toEqual(summarise(values))
  })

  const multiple = fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).map((whole) => whole / 2 ** 20)
  const value = fc.oneof(multiple, fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }))
  const groups = fc.array(fc.array(value, { maxLength: 12 }), { minLength: 1, maxLength: 40 })

  it('equals a rollup of all the points, whatever levels lie between', () => {
    fc.assert(
      fc.property(groups, fc.subarray([...chain.slice(1)], { minLength: 1 }), (all, levels) => {
        const points = all.flat()
        fc.pre(points.length > 0)
        const [coarsest] = levels.slice(-1)
        let rows = rollUp(all, 'exact')
        for (const level of levels) rows = coarsen(rows, level, 'exact')
        const perSlot = coarsest.size / min5.size
        const slots = [...new Set(all.flatMap((group, i) => (group.length > 0 ? [Math.floor(i / perSlot)] : [])))]
        expect([...rows.time]).toEqual(slots.map((slot) => slot * coarsest.size))
        for (const [row, slot] of slots.entries()) {
          const own = all.slice(slot * perSlot, (slot + 1) * perSlot).flat()
          const { sum, mean, variance, absolute } = exactMoments(own)
          const [found, direct] = [summaryOf(rows, row), summarise(own)]
          expect([found.count, found.min, found.max]).toEqual([direct.count, direct.min, direct.max])
          expect(Math.abs(found.sum - sum)).toBeLessThanOrEqual(1e-12 * absolute)
          expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(1e-12 * (variance + mean * mean))
        }
      }),
    )
  })

  it('keeps series and slots apart, also where they follow one another', () => {
    const one = rollUp([[1], [2], [3], [4], [5]], 'exact')
    const two = { ...rollUp([[10], [], [30]], 'exact'), dictionary: ['t'] }
    const rows = coarsen(arrange([one, two]), min20, 'exact')
    const found = Array.from({ length: rows.length }, (_, i) => [
      rows.dictionary[rows.series[i]],
      rows.time[i],
      rows.sum[i],
    ])
    expect(found).toEqual([
      ['s', 0, 10],
      ['s', min20.size, 5],
      ['t', 0, 40],
    ])
    expect(coarsen(rows, min60, 'exact').sum).toEqual(Float64Array.of(15, 40))
  })

  it('of infinities and NaN says so', () => {
    const { sum, min, max } = coarsenGroups([[1], [Number.POSITIVE_INFINITY]])
    expect({ sum, min, max }).toEqual({ sum: Infinity, min: 1, max: Infinity })
    expect(coarsenGroups([[1], [Number.NaN]])).toMatchObject({ sum: NaN, mean: NaN, variance: NaN, min: NaN, max: NaN })
    expect(coarsenGroups([[1n], [Number.NaN]])).toMatchObject({ sum: NaN, min: 1n, max: 1n })
  })
})
