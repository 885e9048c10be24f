import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addHigh, addLow, createExtreme } from '../../src/rollup/extreme.ts'
import type { Value } from './support.ts'

function extremesOf(values: readonly Value[]): { low: Value; high: Value } {
  const [low, high] = [createExtreme(), createExtreme()]
  for (const value of values) {
    addLow(low, value, typeof value === 'bigint')
    addHigh(high, value, typeof value === 'bigint')
  }
  const plain = ({ value, isInteger }: typeof low) => (isInteger ? BigInt(value) : Number(value))
  return { low: plain(low), high: plain(high) }
}

const nan = Number.NaN

describe('the least and the greatest value', () => {
  it.each([
    ['have the kind of the value that wins', [1n, 2.5], 1n, 2.5],
    ['keep the older kind where values are equal', [5n, 5.0], 5n, 5n],
    ['keep the older kind where values are equal', [5.0, 5n], 5, 5],
    ['of doubles hold -0 below 0', [0, -0], -0, 0],
    ['never change from an integer to NaN', [1n, nan, 2n], 1n, 2n],
    ['stay NaN where it came first', [nan, 1n, 2.5], nan, nan],
    ['become NaN where doubles meet it', [1.5, nan], nan, nan],
    ['compare integers exactly', [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n], 2n ** 53n, 2n ** 53n + 1n],
    ['compare kinds as doubles', [2 ** 53, 2n ** 53n + 1n], 2 ** 53, 2 ** 53],
    ['reach the ends of 64 bits', [0n, 2n ** 63n - 1n, -(2n ** 63n)], -(2n ** 63n), 2n ** 63n - 1n],
    ['reach infinity', [0n, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], -Infinity, Infinity],
  ] as [string, Value[], Value, Value][])('%s: %s', (_, values, low, high) => {
    expect(extremesOf(values)).toEqual({ low, high })
  })

  it('are those of numbers, whatever their kinds', () => {
    const value = fc.oneof(fc.bigInt({ min: -100n, max: 100n }), fc.integer({ min: -100, max: 100 }))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const { low, high } = extremesOf(values)
        const numbers = values.map(Number)
        expect([Number(low) + 0, Number(high) + 0]).toEqual([Math.min(...numbers) + 0, Math.max(...numbers) + 0])
        // Among equals the kind of the first one stays.
        expect(typeof low).toBe(typeof values.find((each) => Number(each) === Number(low)))
        expect(typeof high).toBe(typeof values.find((each) => Number(each) === Number(high)))
      }),
    )
  })
})
