import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contentOf } from '../../src/parquet/write/content.ts'

/** Texts that begin alike, and differ where they end, in a byte of any value. */
const texts = fc.array(
  fc.tuple(fc.constantFrom('', 'a', 'entities.en1.', 'entities.en1.checks.'), fc.string({ unit: 'grapheme' })),
  { minLength: 1 },
)

it('the extremes of texts are those of their bytes', () => {
  fc.assert(
    fc.property(texts, (pairs) => {
      const dictionary = pairs.map((pair) => pair.join(''))
      const { extremes } = contentOf({ name: 's', type: 'string', dictionary, index: Uint32Array.from(pairs.keys()) })
      const sorted = dictionary.map((text) => Buffer.from(text)).sort(Buffer.compare)
      expect(Buffer.from(extremes?.min ?? [])).toEqual(sorted[0])
      expect(Buffer.from(extremes?.max ?? [])).toEqual(sorted.at(-1))
    }),
    { numRuns: 500 },
  )
})
