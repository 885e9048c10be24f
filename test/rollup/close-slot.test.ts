import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Family, type LineBatch, pointsOfLines } from '../../src/metric/lines.ts'
import { Kind } from '../../src/metric/points.ts'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { closeSlot } from '../../src/rollup/close-slot.ts'
import { addLines, addPoints, oneByOne, openSlot } from '../../src/rollup/slot.ts'

const start = Date.UTC(2014, 1, 14, 14)

/** The second and third share a series; the fourth has one twice. */
const families: readonly Family[] = [
  { prefix: 'a.', names: ['plain', 'whole', 'other'] },
  { prefix: 'b.', names: ['plain', 'whole'] },
  { prefix: 'b.', names: ['whole', 'other'] },
  { prefix: 'c.', names: ['plain', 'plain'] },
]
const dictionary = [...new Set(families.flatMap(({ prefix, names }) => names.map((name) => prefix + name)))]
const slotFamilies = families.map(({ prefix, names }, id) => ({
  series: Uint32Array.from(names, (name) => dictionary.indexOf(prefix + name)),
  isShared: id > 0,
}))

interface Line {
  readonly family: number
  readonly ms: number
  readonly values: readonly Value[]
}

interface Value {
  readonly kind: Kind
  readonly number: number
  readonly exact: bigint
}

const integer = fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.constantFrom(2n ** 53n + 1n, -(2n ** 63n)))
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.double().map((number) => ({ kind: Kind.double, number, exact: 0n })),
  integer.map((exact) => ({ kind: Kind.int64, number: Number(exact), exact })),
)
const line: fc.Arbitrary<Line> = fc.nat({ max: families.length - 1 }).chain((family) => {
  const { length } = families[family].names
  return fc.record({
    family: fc.constant(family),
    ms: fc.nat({ max: 12 }),
    values: fc.array(value, { minLength: length, maxLength: length }),
  })
})

function batchOf(lines: readonly Line[]): LineBatch {
  const values = lines.flatMap((one) => one.values)
  const ends = lines.map((_, i) => lines.slice(0, i + 1).reduce((sum, { values }) => sum + values.length, 0))
  const batch = {
    input: 'test',
    length: lines.length,
    families,
    family: Uint32Array.from(lines, ({ family }) => family),
    time: Float64Array.from(lines, ({ ms }) => start + ms),
    line: Uint32Array.from(lines, (_, i) => i + 1),
    first: Uint32Array.from([0, ...ends]),
    value: Float64Array.from(values, ({ number }) => number),
    kind: Uint8Array.from(values, ({ kind }) => kind),
  }
  const isWide = values.some(({ exact }) => !Number.isSafeInteger(Number(exact)))
  return isWide ? { ...batch, wide: BigInt64Array.from(values, ({ exact }) => exact) } : batch
}

/** Rows by series, whatever the order. */
function rowsOf({ length, series, dictionary: texts, ...columns }: RollupBatch) {
  const rows = Array.from({ length }, (_, i): [string, unknown] => [
    texts[series[i]],
    Object.entries(columns).map(([name, column]) => [name, column[i]]),
  ])
  expect(new Set(rows.map(([text]) => text)).size).toBe(rows.length)
  return Object.fromEntries(rows)
}

describe('a slot of lines', () => {
  it('holds what its points would, one by one, shared series and doubled times included', () => {
    const check = (parts: readonly (readonly Line[])[], mode: 'exact' | 'blueflood') => {
      const lines = openSlot(start)
      const points = openSlot(start)
      for (const batch of parts.map(batchOf)) {
        addLines(lines, { batch, from: 0, to: batch.length }, [0, 1, 2, 3])
        const each = pointsOfLines(batch)
        const series = each.series.map((id) => dictionary.indexOf(each.dictionary[id]))
        addPoints(points, { batch: { ...each, series }, from: 0, to: each.length })
      }
      const found = closeSlot(lines, { dictionary, families: slotFamilies }, mode)
      const expected = closeSlot(points, oneByOne(dictionary), mode)
      expect(rowsOf(found.rows)).toEqual(rowsOf(expected.rows))
      expect(found.duplicates).toBe(expected.duplicates)
    }
    const parts = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
    fc.assert(fc.property(parts, fc.constantFrom('exact', 'blueflood'), check))
  })

  it('grows with what it is given', () => {
    const slot = openSlot(start)
    const many = Array.from(
      { length: 3_000 },
      (_, i): Line => ({ family: 0, ms: i, values: Array(3).fill({ kind: Kind.double, number: i, exact: 0n }) }),
    )
    for (const batch of [batchOf(many.slice(0, 10)), batchOf(many.slice(10))])
      addLines(slot, { batch, from: 0, to: batch.length }, [0, 1, 2, 3])
    const { rows } = closeSlot(slot, { dictionary, families: slotFamilies }, 'exact')
    expect(rowsOf(rows)['a.whole']).toContainEqual(['count', 3_000])
    expect(rowsOf(rows)['a.other']).toContainEqual(['sum', (2_999 * 3_000) / 2])
  })
})
