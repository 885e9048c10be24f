import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getInteger, int64Column, putInteger } from '../../src/metric/int64.ts'

const edges = [0n, 2n ** 31n, 2n ** 32n, 2n ** 51n, 2n ** 53n, 2n ** 63n - 1n]
const edge = fc.constantFrom(...edges.flatMap((value) => [value - 1n, value, -value, -value - 1n]))
const integer = fc
  .oneof(edge, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))
  .map((value) => BigInt.asIntN(64, value))

describe('a column of 64-bit integers', () => {
  it('holds each one exactly, whether it comes as a number or as a BigInt', () => {
    fc.assert(
      fc.property(fc.array(integer), (values) => {
        const [wide, narrow] = [0, 1].map(() => int64Column(new BigInt64Array(values.length)))
        for (const [i, value] of values.entries()) {
          putInteger(wide, i, value)
          putInteger(narrow, i, Number.isSafeInteger(Number(value)) ? Number(value) : value)
        }
        expect([...wide.exact]).toEqual(values)
        expect([...narrow.exact]).toEqual(values)
        expect(values.map((_, i) => BigInt(getInteger(wide, i)))).toEqual(values)
      }),
    )
  })

  it('gives numbers where they lie within 2^51, and needs no BigInt for them', () => {
    fc.assert(
      fc.property(integer, (value) => {
        const column = int64Column(BigInt64Array.of(value))
        const isSmall = value >= -(2n ** 51n) && value < 2n ** 51n
        expect(typeof getInteger(column, 0)).toBe(isSmall ? 'number' : 'bigint')
      }),
    )
  })

  it('may be a part of a larger buffer', () => {
    const column = int64Column(new BigInt64Array(4).subarray(2))
    putInteger(column, 1, -7)
    expect(new BigInt64Array(column.exact.buffer)).toEqual(BigInt64Array.of(0n, 0n, 0n, -7n))
  })
})
