import fc from 'fast-check'
import { expect, it } from 'vitest'
import { numberList } from '../../src/util/number-list.ts'

it('a number list holds what was added, one by one or many at once, in that order', () => {
  const pieces = fc.array(fc.oneof(fc.double(), fc.float64Array({ maxLength: 200 })), { maxLength: 20 })
  fc.assert(
    fc.property(pieces, fc.nat(5), (added, capacity) => {
      const list = numberList(capacity)
      for (const piece of added) typeof piece === 'number' ? list.push(piece) : list.append(piece)
      const all = added.flatMap((piece) => (typeof piece === 'number' ? [piece] : [...piece]))
      expect([...list.view()]).toEqual(all)
      expect(all.map((_, i) => list.at(i))).toEqual(all)
    }),
  )
})
