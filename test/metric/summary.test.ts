import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RowBatch } from '../../src/metric/rows.ts'
import {
  addTally,
  newTally,
  type Summary,
  sameSummary,
  summaryOf,
  talliesOf,
  tallyOf,
} from '../../src/metric/summary.ts'
import { pointsOf, type Row, rollupsOf } from '../support/rows.ts'

const value = fc.oneof(
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0, -0, Number.NaN, 2 ** 53, 2n ** 53n + 1n),
)
const rows = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('a', 'b|k=v', 'ü'),
      fc.integer({ min: -5, max: 5 }).map((n) => n * 60_000),
      value,
    )
    .map((row): Row => row),
  { selector: ([text, time]) => `${text} ${time}`, maxLength: 12 },
)

/** A whole double is the same as an integer. */
const exact = (one: number | bigint) => (Number.isInteger(one) && !Object.is(one, -0) ? BigInt(one) : one)

function total(batch: RowBatch): Summary {
  const sum = newTally()
  for (const tally of talliesOf(batch).values()) addTally(sum, tally)
  return summaryOf(sum)
}

describe.each([
  ['points', pointsOf],
  ['rollups', rollupsOf],
] as const)('a summary of %s', (_name, batchOf) => {
  it('has one hash, however the rows are cut', () => {
    fc.assert(
      fc.property(rows, fc.nat({ max: 12 }), (all, cut) => {
        const sum = newTally()
        for (const part of [all.slice(cut), all.slice(0, cut)])
          for (const tally of talliesOf(batchOf(part)).values()) addTally(sum, tally)
        const { count, hash } = total(batchOf(all))
        expect(summaryOf(sum)).toMatchObject({ count, hash })
      }),
    )
  })

  it('is another one when any value or time is', () => {
    fc.assert(
      fc.property(rows, fc.nat(), value, fc.boolean(), (all, place, other, isTime) => {
        fc.pre(all.length > 0)
        const at = place % all.length
        const [text, time, before] = all[at]
        const isSame = Object.is(exact(before), exact(other))
        fc.pre(isTime || !isSame)
        const changed = all.map(
          (row, i): Row => (i === at ? (isTime ? [text, time + 100, before] : [text, time, other]) : row),
        )
        expect(total(batchOf(changed)).hash).not.toBe(total(batchOf(all)).hash)
      }),
    )
  })

  it('is the same after it was written as JSON', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const summary = total(batchOf(all))
        fc.pre(
          [summary.sum, summary.min, summary.max].every(
            (one) => Number.isNaN(one) || (Number.isFinite(one) && !Object.is(one, -0)),
          ),
        )
        expect(sameSummary(summaryOf(tallyOf(JSON.parse(JSON.stringify(summary)))), summary)).toBe(true)
      }),
    )
  })
})

describe('a summary of points', () => {
  it('counts, adds up and finds the ends', () => {
    const batch = pointsOf([
      ['a', 0, 1.5],
      ['a', 1, -2],
      ['b', 0, 2n ** 62n + 1n],
    ])
    expect(talliesOf(batch).get('a')).toMatchObject({ count: 2, sum: -0.5, min: -2, max: 1.5 })
    expect(talliesOf(batch).get('b')).toMatchObject({ count: 1, max: 2 ** 62 })
  })

  it('tells a whole double from no integer of the same value, but from its neighbours beyond 2^53', () => {
    const hashOf = (one: number | bigint) => total(pointsOf([['a', 0, one]])).hash
    expect(hashOf(4)).toBe(hashOf(4n))
    expect(hashOf(2 ** 62)).toBe(hashOf(2n ** 62n))
    expect(hashOf(2 ** 62)).not.toBe(hashOf(2n ** 62n + 1n))
  })
})
