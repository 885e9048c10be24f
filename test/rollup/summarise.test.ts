import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queryDuckDB } from '../support/lakes.ts'
import { decodeRollup } from './blueflood.ts'
import { literalSummary } from './literal.ts'
import { exactMoments, type Summary, summarise, type Value } from './support.ts'

const longs = (...values: number[]): bigint[] => values.map(BigInt)

describe('a rollup of points, the Blueflood way', () => {
  const vectors: [title: string, values: Value[], hex: string][] = [
    ['long 42', [42n], '0101006c2a016e0000000000000000026c2a036c2a0000000000004540'],
    [
      'double 42.5',
      [42.5],
      '0101006e0000000000404540016e0000000000000000026e0000000000404540036e00000000004045400000000000404540',
    ],
    [
      'doubles 0 to 9',
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      '010a006e0000000000001240016e0000000000802040026e0000000000000000036e00000000000022400000000000804640',
    ],
    ['longs 0 to 9', longs(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), '010a006c04016e0000000000802040026c00036c090000000000804640'],
    ['longs 2, 4, 4', longs(2, 4, 4), '0103006c03016e1cc7711cc771ec3f026c02036c040000000000002440'],
    ['integers 10 to 50', longs(10, 20, 30, 40, 50), '0105006c1e016e0000000000006940026c0a036c320000000000c06240'],
    [
      'long 1, double 2.5',
      [1n, 2.5],
      '0102006e000000000000f43f016e000000000000e23f026c01036e00000000000004400000000000000c40',
    ],
    ['double 2.5, long 1', [2.5, 1n], '0102006c00016e000000000000e23f026c01036e00000000000004400000000000000c40'],
  ]
  it.each(vectors)('is what Blueflood writes: %s', (_, values, hex) => {
    expect(summarise(values, 'blueflood')).toEqual(decodeRollup(hex))
  })
})

describe('an exact rollup of points', () => {
  it.each([
    [[42n], { count: 1, sum: 42, mean: 42, variance: 0, min: 42n, max: 42n, average: 42n }],
    [longs(1, 2, 2, 2, 2), { count: 5, sum: 9, mean: 1.8, variance: 0.16, min: 1n, max: 2n, average: 1n }],
    [[1n, 2.5], { count: 2, sum: 3.5, mean: 1.75, variance: 0.5625, min: 1n, max: 2.5, average: undefined }],
    [[2.5, 1n], { count: 2, sum: 3.5, mean: 1.75, variance: 0.5625, min: 1n, max: 2.5, average: 0n }],
  ] as [Value[], Summary][])('of %s has the true mean beside Blueflood’s average', (values, expected) => {
    const { variance, ...rest } = summarise(values)
    expect({ ...rest, variance: Number(variance.toPrecision(15)) }).toEqual(expected)
  })

  it('of NaN or infinities says so', () => {
    const nothing = { sum: Number.NaN, mean: Number.NaN, variance: Number.NaN }
    expect(summarise([1, Number.NaN])).toMatchObject({ ...nothing, min: Number.NaN, max: Number.NaN })
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    expect(summarise([low, high])).toMatchObject({ ...nothing, min: low, max: high })
    expect(summarise([high, 1])).toMatchObject({ sum: high, mean: high, variance: Number.NaN, min: 1, max: high })
  })

  it('keeps zeros apart', () => {
    expect(summarise([0, -0])).toMatchObject({ min: -0, max: 0 })
    expect(summarise([-0])).toMatchObject({ min: -0, max: -0 })
  })

  it('keeps the largest and smallest integers to the last digit', () => {
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n]
    expect(summarise([high])).toMatchObject({ min: high, max: high, average: high, sum: 2 ** 63, variance: 0 })
    expect(summarise([high, low, 2n ** 53n + 1n])).toMatchObject({ min: low, max: high })
  })

  const multiple = fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map((whole) => whole / 2 ** 20)
  const near = fc.integer({ min: 0, max: 1_000 }).map((whole) => 1e9 + whole / 1_024)
  const values = fc.oneof(multiple, fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }), near)
  const several = fc.array(values, { minLength: 1, maxLength: 300 })

  it('agrees with rational arithmetic', () => {
    fc.assert(
      fc.property(fc.oneof(several, fc.array(near, { minLength: 1 })), (all) => {
        const { sum, mean, variance, absolute } = exactMoments(all)
        const found = summarise(all)
        expect(found.count).toBe(all.length)
        expect(Math.abs(found.sum - sum)).toBeLessThanOrEqual(1e-12 * absolute)
        expect(found.mean).toBe(found.sum / all.length)
        expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(1e-12 * (variance + mean * mean))
        expect(Number(found.min)).toBe(Math.min(...all.map(Number)))
        expect(Number(found.max)).toBe(Math.max(...all.map(Number)))
      }),
    )
  })

  it('agrees bit by bit with the rules told step by step, for every mix of kinds', () => {
    const edge = fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 2n ** 31n, 0n, -1n, 0, -0, NaN, Infinity)
    const mixed = fc.oneof(edge, fc.bigInt({ min: -9n, max: 9n }), fc.double(), multiple)
    const mode = fc.constantFrom('exact' as const, 'blueflood' as const)
    fc.assert(
      fc.property(fc.array(mixed, { minLength: 1, maxLength: 12 }), mode, (all, mode) => {
        expect(summarise(all, mode)).toEqual(literalSummary(all, mode))
      }),
      { numRuns: 1_000 },
    )
  })

  it('agrees with DuckDB', async () => {
    for (const doubles of fc.sample(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), 5)) {
      const list = doubles.map((value) => `('${value}'::DOUBLE)`).join(', ')
      const [row] = await queryDuckDB(
        `SELECT count(*)::INT n, sum(x) s, var_pop(x) v, min(x) lo, max(x) hi FROM (VALUES ${list}) t(x)`,
      )
      const { n, s, v, lo, hi } = row as Record<string, number>
      const found = summarise(doubles)
      const absolute = doubles.reduce((total, value) => total + Math.abs(value), 0)
      expect([found.count, Number(found.min) + 0, Number(found.max) + 0]).toEqual([n, lo + 0, hi + 0])
      expect(Math.abs(found.sum - s)).toBeLessThanOrEqual(1e-12 * absolute)
      expect(Math.abs(found.variance - v)).toBeLessThanOrEqual(1e-12 * (v + found.mean ** 2))
    }
  })
})
