import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { closeSlot } from '../../src/rollup/close-slot.ts'
import { addPoints, oneByOne, openSlot, type Stretch } from '../../src/rollup/slot.ts'
import type { Row } from '../support/rows.ts'
import { summarise, summaryOf, type Value } from './support.ts'

const start = Date.UTC(2014, 1, 14, 14)
const dictionary = ['a', 'b', 'c', 'd']

const isWide = ([, , value]: Row) => typeof value === 'bigint' && !Number.isSafeInteger(Number(value))

/** Points as they arrive, in no order, behind one that belongs elsewhere. */
function stretchOf(rows: readonly Row[]): Stretch<PointBatch> {
  const all: Row[] = [['d', 0, 0], ...rows]
  const batch: PointBatch = {
    input: 'test',
    length: all.length,
    dictionary,
    series: Uint32Array.from(all, ([name]) => dictionary.indexOf(name)),
    time: Float64Array.from(all, ([, time]) => time),
    value: Float64Array.from(all, ([, , value]) => Number(value)),
    kind: Uint8Array.from(all, ([, , value]) => (typeof value === 'bigint' ? Kind.int64 : Kind.double)),
  }
  const wide = BigInt64Array.from(all, ([, , value]) => (typeof value === 'bigint' ? value : 0n))
  return { batch: rows.some(isWide) ? { ...batch, wide } : batch, from: 1, to: all.length }
}

function rollUp(batches: readonly (readonly Row[])[]) {
  const slot = openSlot(start)
  for (const rows of batches) addPoints(slot, stretchOf(rows))
  return closeSlot(slot, oneByOne(dictionary), 'exact')
}

/** The points of each series that count: of those in one millisecond the last, in time order. */
function winners(rows: readonly Row[]): Map<string, Value[]> {
  const found = new Map<string, Value[]>()
  for (const name of dictionary) {
    const times = new Map<number, Value>()
    for (const [series, time, value] of rows) if (series === name) times.set(time, value)
    const inOrder = [...times].sort(([a], [b]) => a - b).map(([, value]) => value)
    if (inOrder.length > 0) found.set(name, inOrder)
  }
  return found
}

describe('a slot', () => {
  const value = fc.oneof(
    fc.double(),
    fc.bigInt({ min: -5n, max: 5n }),
    fc.constantFrom(2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  )
  const row = fc.tuple(
    fc.constantFrom('d', 'b', 'a'),
    fc.nat({ max: 40 }).map((ms) => start + ms),
    value,
  )

  it('has a row for each series with points: in time order, of equal times the last to arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 200 }), { maxLength: 6 }), (batches) => {
        const rows = batches.flat()
        const { rows: found, duplicates } = rollUp(batches)
        const expected = winners(rows)
        expect(Array.from(found.series, (id) => dictionary[id])).toEqual([...expected.keys()])
        const kept = [...expected.values()]
        for (const [i, values] of kept.entries()) expect(summaryOf(found, i)).toEqual(summarise(values))
        expect(duplicates).toBe(rows.length - kept.flat().length)
        expect([...found.time]).toEqual(kept.map(() => start))
      }),
      { numRuns: 60 },
    )
  })

  it('holds more points than it was made for', () => {
    const rows = Array.from({ length: 1_000 }, (_, i): Row => ['a', start + 999 - i, i % 2 ? BigInt(i) : i])
    expect(rollUp([rows]).rows.count).toEqual(Float64Array.of(1_000))
  })

  it('without points has no row', () => {
    expect(closeSlot(openSlot(start), oneByOne([]), 'exact').rows.length).toBe(0)
    expect(closeSlot(openSlot(start), oneByOne(dictionary), 'exact').rows.length).toBe(0)
  })
})
