import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWatermark, neverClosing } from '../../src/rollup/watermark.ts'

describe('a watermark', () => {
  it('closes the slots that so many newer populated ones have followed, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 })), fc.integer({ min: 1, max: 5 }), (slots, buffered) => {
        const watermark = createWatermark(buffered)
        const met = new Set<number>()
        for (const slot of slots) {
          const before = watermark.time
          met.add(slot)
          expect(watermark.populate(slot)).toBe(watermark.time !== before)
          for (let other = -10; other <= 10; other++) {
            const newer = [...met].filter((each) => each > other).length
            expect(other < watermark.time).toBe(newer >= buffered)
          }
        }
      }),
    )
  })

  it('of an input that is known whole never closes any', () => {
    expect(neverClosing.populate(5)).toBe(false)
    expect(neverClosing.time).toBe(Number.NEGATIVE_INFINITY)
  })
})
