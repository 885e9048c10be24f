import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Family, type LineBatch, pointsOfLines } from '../../src/metric/lines.ts'
import { Kind } from '../../src/metric/points.ts'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { addLines, closeLineSlot, openLineSlot } from '../../src/rollup/line-slot.ts'
import { addPoints, closeSlot, openSlot } from '../../src/rollup/slot.ts'

const start = Date.UTC(2014, 1, 14, 14)

const kinds = { plain: Kind.double, whole: Kind.int64, other: Kind.double }
const familyOf = (prefix: string, names: (keyof typeof kinds)[]): Family => ({
  prefix,
  names,
  kinds: Uint8Array.from(names, (name) => kinds[name]),
})
/** The second and third share a series; the fourth has one twice. */
const families = [
  familyOf('a.', ['plain', 'whole', 'other']),
  familyOf('b.', ['plain', 'whole']),
  familyOf('b.', ['whole', 'other']),
  familyOf('c.', ['plain', 'plain']),
]
const dictionary = [...new Set(families.flatMap(({ prefix, names }) => names.map((name) => prefix + name)))]
const slotFamilies = families.map(({ prefix, names, kinds }, id) => ({
  series: Uint32Array.from(names, (name) => dictionary.indexOf(prefix + name)),
  kinds,
  isShared: id > 0,
}))

interface Line {
  readonly family: number
  readonly ms: number
  readonly values: readonly number[]
  readonly wide: readonly bigint[]
}

const integer = fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.constantFrom(2n ** 53n + 1n, -(2n ** 63n)))
const line: fc.Arbitrary<Line> = fc.nat({ max: families.length - 1 }).chain((family) => {
  const value = (kind: number) =>
    kind === Kind.double
      ? fc.double().map((number) => ({ number, exact: 0n }))
      : integer.map((exact) => ({ number: Number(exact), exact }))
  return fc.tuple(fc.nat({ max: 12 }), fc.tuple(...[...families[family].kinds].map(value))).map(([ms, values]) => ({
    family,
    ms,
    values: values.map(({ number }) => number),
    wide: values.map(({ exact }) => exact),
  }))
})

function batchOf(lines: readonly Line[]): LineBatch {
  const ends = lines.map((_, i) => lines.slice(0, i + 1).reduce((sum, { values }) => sum + values.length, 0))
  const batch = {
    input: 'test',
    length: lines.length,
    families,
    family: Uint32Array.from(lines, ({ family }) => family),
    time: Float64Array.from(lines, ({ ms }) => start + ms),
    line: Uint32Array.from(lines, (_, i) => i + 1),
    first: Uint32Array.from([0, ...ends]),
    value: Float64Array.from(lines.flatMap(({ values }) => values)),
  }
  const isWide = lines.some(({ wide }) => wide.some((value) => !Number.isSafeInteger(Number(value))))
  return isWide ? { ...batch, wide: BigInt64Array.from(lines.flatMap(({ wide }) => wide)) } : batch
}

/** Rows by series, whatever the order. */
function rowsOf(batches: readonly RollupBatch[]) {
  const rows = batches.flatMap((batch) =>
    Array.from({ length: batch.length }, (_, i): [string, unknown] => {
      const { series: _series, dictionary: texts, length: _length, ...columns } = batch
      return [texts[batch.series[i]], Object.entries(columns).map(([name, column]) => [name, column[i]])]
    }),
  )
  expect(new Set(rows.map(([text]) => text)).size).toBe(rows.length)
  return Object.fromEntries(rows)
}

describe('a slot of lines', () => {
  it('holds what its points would, one by one, shared series and doubled times included', () => {
    const check = (parts: readonly (readonly Line[])[], mode: 'exact' | 'blueflood') => {
      const lines = openLineSlot(start)
      const points = openSlot(start)
      for (const batch of parts.map(batchOf)) {
        addLines(lines, { batch, from: 0, to: batch.length }, [0, 1, 2, 3])
        const each = pointsOfLines(batch)
        addPoints(
          points,
          { batch: each, from: 0, to: each.length },
          each.dictionary.map((text) => dictionary.indexOf(text)),
        )
      }
      const found = closeLineSlot(lines, { dictionary, families: slotFamilies }, mode)
      const expected = closeSlot(points, dictionary, mode)
      expect(rowsOf(found.rows)).toEqual(rowsOf([expected.rows]))
      expect(found.duplicates).toBe(expected.duplicates)
    }
    const parts = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
    fc.assert(fc.property(parts, fc.constantFrom('exact', 'blueflood'), check))
  })

  it('grows with what it is given', () => {
    const slot = openLineSlot(start)
    const many = Array.from(
      { length: 3_000 },
      (_, i): Line => ({ family: 0, ms: i, values: [i, i, i], wide: [0n, BigInt(i), 0n] }),
    )
    for (const batch of [batchOf(many.slice(0, 10)), batchOf(many.slice(10))])
      addLines(slot, { batch, from: 0, to: batch.length }, [0, 1, 2, 3])
    const { rows } = closeLineSlot(slot, { dictionary, families: slotFamilies }, 'exact')
    expect(rowsOf(rows)['a.whole']).toContainEqual(['count', 3_000])
    expect(rowsOf(rows)['a.other']).toContainEqual(['sum', (2_999 * 3_000) / 2])
  })
})
