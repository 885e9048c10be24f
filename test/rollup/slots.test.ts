import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Family, LineBatch } from '../../src/metric/lines.ts'
import { Kind } from '../../src/metric/points.ts'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { openSlots, type Slots } from '../../src/rollup/slots.ts'
import { min5 } from '../../src/time/granularity.ts'
import { compareBytes } from '../../src/util/bytes.ts'
import { literalSummary } from './literal.ts'
import { summaryOf, type Value } from './support.ts'

const start = Date.UTC(2014, 1, 14, 14)

/** The second and third share a series; the fourth has one twice; the fifth and sixth interleave, and share one by other cuts. */
const families: readonly Family[] = [
  { prefix: 'b.', names: ['plain', 'whole', 'other'] },
  { prefix: 'a.', names: ['plain', 'whole'] },
  { prefix: 'a.', names: ['whole', 'other'] },
  { prefix: 'c.', names: ['plain', 'plain'] },
  { prefix: 'd.', names: ['z', 'e.x', 'a', '～'] },
  { prefix: 'd.e.', names: ['x', '😀'] },
  { prefix: 'e', names: [''] },
]

interface Line {
  readonly family: number
  readonly slot: number
  readonly ms: number
  readonly values: readonly Value[]
}

const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), Number.NaN),
)
const line: fc.Arbitrary<Line> = fc.nat({ max: families.length - 1 }).chain((family) => {
  const { length } = families[family].names
  return fc.record({
    family: fc.constant(family),
    slot: fc.nat({ max: 2 }),
    ms: fc.nat({ max: 8 }),
    values: fc.array(value, { minLength: length, maxLength: length }),
  })
})

const timeOf = ({ slot, ms }: Line): number => start + slot * min5.size + ms

/** Lines of a stream that numbers the families in its own way. */
function batchOf(lines: readonly Line[], numbered: readonly Family[]): LineBatch {
  const values = lines.flatMap((one) => one.values)
  const first = new Uint32Array(lines.length + 1)
  for (const [i, one] of lines.entries()) first[i + 1] = first[i] + one.values.length
  const batch = {
    input: 'test',
    length: lines.length,
    families: numbered,
    family: Uint32Array.from(lines, ({ family }) => numbered.indexOf(families[family])),
    time: Float64Array.from(lines, timeOf),
    line: Uint32Array.from(lines, (_, i) => i + 1),
    first,
    value: Float64Array.from(values, Number),
    kind: Uint8Array.from(values, (one) => (typeof one === 'bigint' ? Kind.int64 : Kind.double)),
  }
  const isWide = values.some((one) => typeof one === 'bigint' && !Number.isSafeInteger(Number(one)))
  const wide = BigInt64Array.from(values, (one) => (typeof one === 'bigint' ? one : 0n))
  return isWide ? { ...batch, wide } : batch
}

/** What slots come to; they are discarded. */
function takeAll(slots: Slots) {
  const closed = slots.finish()
  const rows = closed.whole()
  slots.discard()
  return { rows, duplicates: closed.duplicates }
}

/** Rolls lines up; the slots before `closing` close, if they have been opened, before the last batch, which has none of them. */
function rollUp(parts: readonly (readonly Line[])[], mode: 'exact' | 'blueflood', closing = 0) {
  const slots = openSlots(min5, mode)
  const streams = [families, [...families].reverse()]
  for (const [i, lines] of parts.entries()) {
    const batch = batchOf(lines, streams[i % 2])
    if (i === parts.length - 1) slots.closeBefore(start + closing * min5.size)
    for (const [from, one] of lines.entries())
      slots.add(slots.open(start + one.slot * min5.size), { batch, from, to: from + 1 })
  }
  return takeAll(slots)
}

/** What the rules say of every series and slot: of points in one millisecond the last counts. */
function literalRows(lines: readonly Line[], mode: 'exact' | 'blueflood') {
  const points = new Map<string, Map<number, Value>>()
  for (const line of lines) {
    const { prefix, names } = families[line.family]
    for (const [i, name] of names.entries()) {
      const key = JSON.stringify([prefix + name, start + line.slot * min5.size])
      points.set(key, (points.get(key) ?? new Map()).set(timeOf(line), line.values[i]))
    }
  }
  return [...points]
    .map(([key, values]): [series: string, slot: number, values: Value[]] => {
      const [series, slot] = JSON.parse(key)
      return [series, slot, [...values].sort(([a], [b]) => a - b).map(([, value]) => value)]
    })
    .sort(([a, at], [b, bt]) => compareBytes(a, b) || at - bt)
    .map(([series, slot, values]) => ({ series, slot, ...literalSummary(values, mode) }))
}

const plainRows = (rows: RollupBatch) =>
  Array.from(rows.series, (id, i) => ({ series: rows.dictionary[id], slot: rows.time[i], ...summaryOf(rows, i) }))

const countValues = (lines: readonly Line[]) => lines.reduce((sum, { values }) => sum + values.length, 0)

describe('slots', () => {
  it('have a row for each series with points, whatever families it comes in and whenever they close', () => {
    const parts = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
    const check = (parts: Line[][], mode: 'exact' | 'blueflood', closing: number) => {
      const last = parts[parts.length - 1].filter(({ slot }) => slot >= closing)
      const all = [...parts.slice(0, -1), last]
      const { rows, duplicates } = rollUp(all, mode, closing)
      const expected = literalRows(all.flat(), mode)
      expect(plainRows(rows)).toEqual(expected)
      expect(new Set(rows.dictionary).size).toBe(new Set(rows.series).size)
      const counted = expected.reduce((sum, { count }) => sum + count, 0)
      const replaced = [...duplicates.values()].reduce((sum, count) => sum + count, 0)
      expect(replaced).toBe(countValues(all.flat()) - counted)
    }
    fc.assert(fc.property(parts, fc.constantFrom('exact', 'blueflood'), fc.nat({ max: 3 }), check), { numRuns: 300 })
  })

  it('grow with what they are given', () => {
    const many = Array.from({ length: 30_000 }, (_, i): Line => ({ family: 0, slot: 0, ms: i, values: [i, 1n, i] }))
    const { rows } = rollUp([many.slice(0, 10), many.slice(10)], 'exact')
    expect(rows.dictionary).toEqual(['b.other', 'b.plain', 'b.whole'])
    expect([...rows.count]).toEqual([30_000, 30_000, 30_000])
    expect([...rows.sum]).toEqual([(29_999 * 30_000) / 2, (29_999 * 30_000) / 2, 30_000])
  })

  it('have as many series as there are', () => {
    const prefixes = Array.from({ length: 20_000 }, (_, i) => ({ prefix: `${i}.`, names: ['a', 'b'] }))
    const numbers = Float64Array.from({ length: 40_000 }, (_, i) => i)
    const batch: LineBatch = {
      input: 'test',
      length: 20_000,
      families: prefixes,
      family: Uint32Array.from({ length: 20_000 }, (_, i) => i),
      time: new Float64Array(20_000).fill(start),
      line: new Uint32Array(20_000),
      first: Uint32Array.from({ length: 20_001 }, (_, i) => 2 * i),
      value: numbers,
      kind: new Uint8Array(40_000).fill(Kind.double),
    }
    const slots = openSlots(min5, 'exact')
    slots.add(slots.open(start), { batch, from: 0, to: 20_000 })
    const { rows } = takeAll(slots)
    const texts = prefixes.flatMap(({ prefix, names }) => names.map((name) => prefix + name))
    expect(rows.dictionary).toEqual([...texts].sort())
    expect(rows.dictionary.map((_, i) => texts[rows.sum[i]])).toEqual(rows.dictionary)
  })

  it('give their rows in pieces of any size, a series across two of them, as often as they are asked for', () => {
    const count = 25_000
    const names = Array.from({ length: count }, (_, i) => `s${String(i).padStart(5, '0')}`)
    const slots = openSlots(min5, 'exact')
    for (const slot of [0, 1, 2]) {
      const one: LineBatch = {
        input: 'test',
        length: 1,
        families: [{ prefix: 'many.', names }],
        family: Uint32Array.of(0),
        time: Float64Array.of(start + slot * min5.size),
        line: Uint32Array.of(1),
        first: Uint32Array.of(0, count),
        value: Float64Array.from(names, (_, i) => 3 * i + slot),
        kind: new Uint8Array(count).fill(Kind.double),
      }
      slots.add(slots.open(start + slot * min5.size), { batch: one, from: 0, to: 1 })
    }
    const rows = slots.finish()
    const all = Array.from({ length: 3 * count }, (_, i) => i)
    for (const size of [32_000, 20_000, 8_192, 74_999, 75_000, 80_000]) {
      const sums = Array.from(rows.pieces(size), ({ sum }) => Array.from(sum))
      expect(sums.map((piece) => piece.length)).toEqual(
        all.flatMap((i) => (i % size > 0 ? [] : Math.min(size, 3 * count - i))),
      )
      expect(sums.flat()).toEqual(all)
    }
    expect([...rows.whole().sum]).toEqual(all)
    expect([rows.length, rows.points]).toEqual([3 * count, 3 * count])
    slots.discard()
  })

  it('without points have no rows', () => {
    const slots = openSlots(min5, 'exact')
    slots.open(start)
    expect(takeAll(slots)).toMatchObject({ rows: { length: 0, dictionary: [] }, duplicates: new Map([[start, 0]]) })
    expect(takeAll(openSlots(min5, 'exact')).rows.length).toBe(0)
  })

  it('of two chunks in the making do not disturb each other', () => {
    const lines = fc.array(line, { maxLength: 12 })
    const check = (parts: [Line[], Line[]][]) => {
      const chunks = [openSlots(min5, 'exact'), openSlots(min5, 'exact')]
      for (const part of parts) {
        for (const [c, own] of part.entries()) {
          const batch = batchOf(own, families)
          for (const slot of [0, 1, 2])
            chunks[c].add(chunks[c].open(start + slot * min5.size), { batch, from: 0, to: batch.length })
        }
      }
      const alone = [0, 1].map((c) => rollUp([parts.flatMap((part) => part[c])], 'exact').rows)
      const found = chunks.map((chunk) => takeAll(chunk).rows)
      expect(found.map(({ sum, dictionary }) => [dictionary, sum])).toEqual(
        alone.map(({ sum, dictionary }) => [dictionary, sum]),
      )
    }
    fc.assert(fc.property(fc.array(fc.tuple(lines, lines), { maxLength: 4 }), check))
  })

  it('of one chunk give their rows piece by piece while those of the next one go on', () => {
    const parts = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 6 })
    const check = (earlier: Line[][], later: Line[][], closing: number) => {
      const chunks = [openSlots(min5, 'exact'), openSlots(min5, 'exact')]
      const add = (chunk: Slots, lines: readonly Line[]) => {
        const batch = batchOf(lines, families)
        for (const [from, { slot }] of lines.entries())
          chunk.add(chunk.open(start + slot * min5.size), { batch, from, to: from + 1 })
      }
      const last = (later.at(-1) ?? []).filter(({ slot }) => slot >= closing)
      const coming = [...later.slice(0, -1), last]
      const next = () => {
        if (coming.length === 1) chunks[1].closeBefore(start + closing * min5.size)
        add(chunks[1], coming.shift() ?? [])
      }
      for (const lines of earlier) {
        add(chunks[0], lines)
        next()
      }
      const found = Array.from(chunks[0].finish().pieces(2), (piece) => {
        const rows = plainRows(piece)
        next()
        return rows
      })
      expect(found.flat()).toEqual(literalRows(earlier.flat(), 'exact'))
      chunks[0].discard()
      while (coming.length > 0) next()
      expect(plainRows(takeAll(chunks[1]).rows)).toEqual(literalRows([...later.slice(0, -1), last].flat(), 'exact'))
    }
    fc.assert(fc.property(parts, parts, fc.nat({ max: 3 }), check), { numRuns: 300 })
  })

  it('of chunks one after another know no series but their own, however many there have been', () => {
    const one = (family: number): Line => ({ family, slot: 0, ms: 0, values: families[family].names.map(() => 1) })
    let open = openSlots(min5, 'exact')
    for (const family of [0, 1, 2, 3, 4, 5, 6, 0, 1]) {
      const next = openSlots(min5, 'exact')
      open.add(open.open(start), { batch: batchOf([one(family)], families), from: 0, to: 1 })
      const { prefix, names } = families[family]
      expect(takeAll(open).rows.dictionary).toEqual([...new Set(names)].map((name) => prefix + name).sort(compareBytes))
      open = next
    }
    open.discard()
  })

  it('that are discarded leave nothing behind', () => {
    const one: Line = { family: 1, slot: 0, ms: 0, values: [1, 2] }
    const discarded = openSlots(min5, 'exact')
    discarded.add(discarded.open(start), { batch: batchOf([one], families), from: 0, to: 1 })
    discarded.discard()
    const { rows } = rollUp([[{ ...one, family: 6, values: [3] }]], 'exact')
    expect([rows.dictionary, [...rows.sum]]).toEqual([['e'], [3]])
  })
})
