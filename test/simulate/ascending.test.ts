import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ascendingOrder, countUpTo, isAscending, unionOf } from '../../src/simulate/ascending.ts'

const ascending = fc
  .uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 12 })
  .map((xs) => Float64Array.from(xs).sort())

describe('ascending numbers', () => {
  it('are united to every number of all lists, once', () => {
    fc.assert(
      fc.property(fc.array(ascending, { maxLength: 6 }), (lists) => {
        const all = new Set(lists.flatMap((xs) => [...xs]))
        expect([...unionOf(lists)]).toEqual([...all].sort((a, b) => a - b))
      }),
    )
  })

  it('are counted up to a number, that number too, from any index before it', () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: -25, max: 25 }), fc.nat(12), (xs, x, from) => {
        const expected = xs.filter((one) => one <= x).length
        expect(countUpTo(xs, x, Math.min(from, expected))).toBe(expected)
      }),
    )
  })

  it('are what the order of places yields, equal ones in the order in which they stand', () => {
    expect([...ascendingOrder([3, 1, 3, 2])]).toEqual([1, 3, 0, 2])
    expect([isAscending([1, 1, 2]), isAscending([2, 1])]).toEqual([true, false])
  })
})
