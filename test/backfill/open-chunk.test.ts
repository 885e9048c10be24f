import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openChunk } from '../../src/backfill/open-chunk.ts'
import type { Family, LineBatch } from '../../src/metric/lines.ts'
import { Kind } from '../../src/metric/points.ts'
import type { Slot } from '../../src/rollup/slots.ts'
import { min5, slotOf } from '../../src/time/granularity.ts'
import { compareBytes } from '../../src/util/bytes.ts'

const hour = { start: Date.UTC(2014, 1, 14, 14), end: Date.UTC(2014, 1, 14, 15) }

/** Prefixes of which one begins with another, so that families interleave and share series; U+FF5E comes before U+1F600 by bytes only. */
const family: fc.Arbitrary<Family> = fc.record({
  prefix: fc.constantFrom('', 'a.', 'a.b.', 'a.b', 'b.', '～', '😀'),
  names: fc.uniqueArray(fc.constantFrom('x', 'b.x', '.x', 'y', 'a.y', '～', '😀'), { minLength: 1, maxLength: 5 }),
})
interface Line {
  readonly family: Family
  readonly minute: number
}
const line: fc.Arbitrary<Line> = fc.record({ family, minute: fc.nat({ max: 59 }) })

function batchOf(lines: readonly Line[]): LineBatch {
  const sizes = lines.map(({ family }) => family.names.length)
  const first = Uint32Array.from([
    0,
    ...sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0)),
  ])
  const values = first[lines.length]
  return {
    input: 'test',
    length: lines.length,
    families: lines.map(({ family }) => family),
    family: Uint32Array.from(lines, (_, i) => i),
    time: Float64Array.from(lines, ({ minute }) => hour.start + minute * 60_000),
    line: Uint32Array.from(lines, (_, i) => i + 1),
    first,
    value: Float64Array.from({ length: values }, (_, i) => i),
    kind: new Uint8Array(values).fill(Kind.double),
  }
}

/** Of each series and slot how many minutes have points, in the order of bytes, then of time. */
function countMinutes(lines: readonly Line[]) {
  const minutes = new Map<string, Set<number>>()
  for (const { family, minute } of lines) {
    for (const name of family.names) {
      const key = JSON.stringify([family.prefix + name, slotOf(min5, hour.start + minute * 60_000)])
      minutes.set(key, (minutes.get(key) ?? new Set()).add(minute))
    }
  }
  return [...minutes]
    .map(([key, { size }]): [string, number, number] => [...(JSON.parse(key) as [string, number]), size])
    .sort((a, b) => compareBytes(a[0], b[0]) || a[1] - b[1])
}

it('a chunk gives its rows in the order of bytes and time, whatever families its series come in', () => {
  fc.assert(
    fc.property(fc.array(fc.array(line, { minLength: 1, maxLength: 8 }), { maxLength: 5 }), (batches) => {
      const chunk = openChunk(hour, [hour], 'exact')
      for (const batch of batches.map(batchOf)) {
        for (let i = 0; i < batch.length; i++)
          chunk.add(chunk.slot(slotOf(min5, batch.time[i])) as Slot, { batch, from: i, to: i + 1 })
      }
      const { duplicates, ...sequence } = chunk.finish()
      const rows = sequence.whole()
      chunk.discard()
      const expected = countMinutes(batches.flat())
      const found = Array.from(rows.series, (id, i) => [rows.dictionary[id], rows.time[i], rows.count[i]])
      expect(found).toEqual(expected)
      const replaced = [...duplicates.values()].reduce((sum, count) => sum + count, 0)
      expect(replaced).toBe(chunk.points - expected.reduce((sum, [, , count]) => sum + count, 0))
    }),
  )
})
