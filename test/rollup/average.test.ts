import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDouble, addInteger, createAverage, safeTerm } from '../../src/rollup/average.ts'
import type { Value } from './support.ts'

/** The average of some values, a BigInt where it is an integer. */
function averageOf(values: readonly Value[]): Value {
  const average = createAverage()
  for (const value of values) {
    if (typeof value === 'number') addDouble(average, value)
    else addInteger(average, Number.isSafeInteger(Number(value)) ? Number(value) : value)
  }
  return average.isInteger ? BigInt(average.integer) : average.double
}

/** The rule of specification 4.2, in 64-bit integers throughout. */
function twin(values: readonly Value[]): Value {
  let [n, long, double, remainder] = [0, 0n, 0, 0n]
  for (const value of values) {
    n++
    if (typeof value === 'number') double += (value - double) / n
    else {
      const term = BigInt.asIntN(64, value + remainder - long)
      long = BigInt.asIntN(64, long + term / BigInt(n))
      remainder = term % BigInt(n)
    }
  }
  return typeof values.at(-1) === 'number' ? double : long
}

describe("Blueflood's average", () => {
  it.each([
    [[2n, 4n, 4n], 3n],
    [[-7n, -2n, 3n], -2n],
    [[1n, 2n], 1n],
    [[1n, 2n, 2n, 2n, 2n], 1n],
    [[1n, 2.5], 1.25],
    [[2.5, 1n], 0n],
    [[1n, 2.5, 3n], 1n],
    [[10n, 20n, 5.5, 30n], 18n],
    [[5.0, 5n], 2n],
    [[5n, 5.0], 2.5],
    [[], 0n],
  ] as [Value[], Value][])('of %s is %s', (values, expected) => {
    expect(averageOf(values)).toBe(expected)
  })

  it('wraps around like 64-bit integers, and is the same on the quick path and on the exact one', () => {
    const edge = fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n, BigInt(safeTerm), 0n, -1n)
    const small = fc.bigInt({ min: -9n, max: 9n })
    const value = fc.oneof(small, edge, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double())
    for (const each of [value, fc.oneof(small, edge)])
      fc.assert(
        fc.property(fc.array(each), (values) => {
          expect(averageOf(values)).toEqual(twin(values))
        }),
      )
  })
})
