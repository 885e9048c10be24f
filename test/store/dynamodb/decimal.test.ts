import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kind } from '../../../src/metric/points.ts'
import { fromDecimal, toDecimal } from '../../../src/store/dynamodb/decimal.ts'

const double = (value: number) => toDecimal({ value, kind: Kind.double, exact: 0n })

const beyondSafe = fc.double({ min: 2 ** 53, max: 2 ** 64, noNaN: true })

describe('decimals of DynamoDB', () => {
  it.each([
    [0.1, 0.1],
    [5e-21, 1e-20],
    [-5e-21, -1e-20],
    [4.9e-21, 0],
    [1.5e-20, 2e-20],
    [-1.5e-20, -2e-20],
    [1.2345678901234e-5, 1.2345678901234e-5],
    [1.2345678901234e-10, 1.2345678901e-10],
    [5e-324, 0],
    [9.9e125, 9.9e125],
  ])('round %d to 20 places, halves away from zero: %d', (value, expected) => {
    expect(fromDecimal(double(value) ?? '')).toMatchObject({ value: expected, kind: Kind.double })
  })

  it('do not hold what is no number or too large', () => {
    for (const value of [Number.NaN, Infinity, -Infinity, 1e126, -1e126]) expect(double(value)).toBeUndefined()
  })

  it('keep every double of at least 1e-4 exactly', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ min: 1e-4, max: 1e125, noNaN: true }), beyondSafe),
        fc.boolean(),
        (size, isNegative) => {
          const value = isNegative ? -size : size
          const read = fromDecimal(double(value) ?? '')
          expect(read.value).toBe(value)
          if (read.kind === Kind.int64) expect(read.exact).toBe(BigInt(value))
        },
      ),
    )
  })

  it('keep 64-bit integers exactly, and read them as integers where a double might not hold them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (exact) => {
        const text = toDecimal({ value: Number(exact), kind: Kind.int64, exact }) ?? ''
        const read = fromDecimal(text)
        expect(read.kind === Kind.int64 ? read.exact : BigInt(read.value)).toBe(exact)
        expect(read.kind).toBe(Number.isSafeInteger(Number(exact)) ? Kind.double : Kind.int64)
      }),
    )
  })

  it('are read in every spelling that DynamoDB may choose', () => {
    expect(fromDecimal('9.007199254740993E+15')).toMatchObject({ kind: Kind.int64, exact: 9_007_199_254_740_993n })
    expect(fromDecimal('-9223372036854775808')).toMatchObject({ kind: Kind.int64, exact: -(2n ** 63n) })
    expect(fromDecimal('9223372036854775808')).toMatchObject({ kind: Kind.double, value: 2 ** 63 })
    expect(fromDecimal('1E+100')).toMatchObject({ kind: Kind.double, value: 1e100 })
    expect(Object.is(fromDecimal('-0').value, 0)).toBe(true)
  })
})
