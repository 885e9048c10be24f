import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { sameRows, sameSample } from '../../src/metric/same-rows.ts'
import { checksum } from '../../src/store/lake/checksum.ts'
import { type Row, rollupsOf } from '../support/rows.ts'

const rows: Row[] = [
  ['a', 0, 1.5],
  ['a', 300_000, 2n],
  ['b', 0, -0],
  ['c', 0, Number.NaN],
]
const make = () => rollupsOf(rows)
const doubles = ['time', 'count', 'sum', 'mean', 'variance', 'min', 'max'] as const
const integers = ['meanInt', 'minInt', 'maxInt'] as const
const columns = [...doubles, 'series', 'integer', ...integers] as const

/** Whether a cell says anything: an exact integer does where there is one. */
const isMeant = (column: (typeof columns)[number], [, , value]: Row): boolean =>
  typeof value === 'bigint' || !integers.some((name) => name === column)

/** Makes a cell another one; there are two series. */
function change(column: RollupBatch[(typeof columns)[number]], row: number): void {
  const cell = column[row]
  column[row] = typeof cell === 'bigint' ? cell + 1n : 1 - cell
}

describe('a checksum of rows', () => {
  it('is the same for rows that are the same, wherever their memory lies', () => {
    expect(checksum(make())).toBe(checksum(make()))
    expect(checksum(make())).toMatch(/^[0-9a-f]{32}$/)
    const { sum, ...rest } = make()
    const room = new Float64Array(sum.length + 3)
    room.set(sum, 2)
    expect(checksum({ ...rest, sum: room.subarray(2, 2 + sum.length) })).toBe(checksum(make()))
  })

  it('differs with any cell of any column, as does a comparison', () => {
    const plain = rows.filter(([, , value]) => !Number.isNaN(value))
    for (const column of columns) {
      for (const [row, cells] of plain.entries()) {
        if (!isMeant(column, cells)) continue
        const changed = rollupsOf(plain)
        change(changed[column], row)
        expect(checksum(changed)).not.toBe(checksum(rollupsOf(plain)))
        expect(sameRows(changed, rollupsOf(plain))).toBe(false)
      }
    }
  })

  it('takes all NaNs for one, and both zeros for two', () => {
    const other = make()
    const words = new Uint32Array(other.sum.buffer)
    words.set([1, 0xfff8_0000], 2 * 3)
    expect(other.sum[3]).toBeNaN()
    expect(checksum(other)).toBe(checksum(make()))
    expect(sameRows(other, make())).toBe(true)
    other.sum[2] = 0
    expect(checksum(other)).not.toBe(checksum(make()))
    expect(sameRows(other, make())).toBe(false)
  })

  it('tells names from their neighbours', () => {
    const named = (a: string, b: string) => checksum({ ...make(), dictionary: [a, b, 'c'] })
    const sums = [named('a', 'b'), named('ab', ''), named('a\0b', ''), named('a', '\0b'), named('', 'ab')]
    expect(new Set(sums).size).toBe(sums.length)
  })

  it('is equal exactly where a comparison finds rows equal', () => {
    const row = fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.constantFrom(0, 300_000),
      fc.constantFrom(0, -0, 1, 1n, Number.NaN),
    )
    const few = fc.uniqueArray(row, { maxLength: 3, selector: ([series, time]) => `${series}${time}` })
    fc.assert(
      fc.property(few, few, (a, b) => {
        const [one, two] = [rollupsOf(a), rollupsOf(b)]
        expect(checksum(one) === checksum(two)).toBe(sameRows(one, two))
      }),
    )
  })
})

describe('a comparison of a sample', () => {
  it('looks at rows spread over all of them, the first among them', () => {
    const many = () => rollupsOf(Array.from({ length: 40 }, (_, i): Row => ['s', i * 300_000, i]))
    const found = [...many().series.keys()].filter((row) => {
      const changed = many()
      changed.max[row] = -1
      return !sameSample(changed, many(), 4)
    })
    expect(found).toEqual([0, 10, 20, 30])
    expect(sameSample(many(), many(), 1_000)).toBe(true)
  })
})
