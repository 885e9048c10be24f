import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src/metric/checksum.ts'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { sameRows, sameSample } from '../../src/metric/same-rows.ts'
import { type Row, rollupsOf } from '../support/rows.ts'

const rows: Row[] = [
  ['a', 0, 1.5],
  ['a', 300_000, 2n],
  ['b', 0, -0],
  ['c', 0, Number.NaN],
]
const make = () => rollupsOf(rows)
const doubles = ['time', 'count', 'sum', 'mean', 'variance', 'min', 'max'] as const
const columns = [...doubles, 'series', 'integer', 'meanInt', 'minInt', 'maxInt'] as const

/** Makes a cell another one; there are two series. */
function change(column: RollupBatch[(typeof columns)[number]], row: number): void {
  const cell = column[row]
  column[row] = typeof cell === 'bigint' ? cell + 1n : 1 - cell
}

describe('a checksum of rows', () => {
  it('is the same for rows that are the same, wherever their memory lies', async () => {
    expect(await checksum(make())).toBe(await checksum(make()))
    expect(await checksum(make())).toMatch(/^[0-9a-f]{32}$/)
    const { sum, ...rest } = make()
    const room = new Float64Array(sum.length + 3)
    room.set(sum, 2)
    expect(await checksum({ ...rest, sum: room.subarray(2, 2 + sum.length) })).toBe(await checksum(make()))
  })

  it('differs with any cell of any column, as does a comparison', async () => {
    const plain = rows.filter(([, , value]) => !Number.isNaN(value))
    for (const column of columns) {
      for (const row of plain.keys()) {
        const changed = rollupsOf(plain)
        change(changed[column], row)
        expect(await checksum(changed)).not.toBe(await checksum(rollupsOf(plain)))
        expect(sameRows(changed, rollupsOf(plain))).toBe(false)
      }
    }
  })

  it('takes all NaNs for one, and both zeros for two', async () => {
    const other = make()
    const words = new Uint32Array(other.sum.buffer)
    words.set([1, 0xfff8_0000], 2 * 3)
    expect(other.sum[3]).toBeNaN()
    expect(await checksum(other)).toBe(await checksum(make()))
    expect(sameRows(other, make())).toBe(true)
    other.sum[2] = 0
    expect(await checksum(other)).not.toBe(await checksum(make()))
    expect(sameRows(other, make())).toBe(false)
  })

  it('tells names from their neighbours', async () => {
    const named = (...names: string[]) => checksum({ ...make(), dictionary: names })
    const sums = await Promise.all([
      named('a', 'b'),
      named('ab'),
      named('a\n"b"'),
      named('a","b'),
      named('a\\', 'b'),
      named(),
    ])
    expect(new Set(sums).size).toBe(sums.length)
  })

  it('is equal exactly where a comparison finds rows equal', async () => {
    const row = fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.constantFrom(0, 300_000),
      fc.constantFrom(0, -0, 1, 1n, Number.NaN),
    )
    const few = fc.uniqueArray(row, { maxLength: 3, selector: ([series, time]) => `${series}${time}` })
    await fc.assert(
      fc.asyncProperty(few, few, async (a, b) => {
        const [one, two] = [rollupsOf(a), rollupsOf(b)]
        expect((await checksum(one)) === (await checksum(two))).toBe(sameRows(one, two))
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
