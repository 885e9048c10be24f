import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalReader } from '../../src/metrics-file/decimal.ts'

const reader = decimalReader()
/** The number and the length that are read of a text. */
const read = (text: string): { value: number; end: number; isInteger: boolean } => {
  const end = reader.read(Buffer.from(`7${text}\0`), 1) - 1
  return { value: reader.value, end, isInteger: reader.isInteger }
}

const written = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential().replace('+', '')),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  // Few digits with a point anywhere, zeros in front and behind.
  fc
    .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^[0-9]{1,12}$/), fc.stringMatching(/^[0-9]{1,30}$/))
    .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`),
)

describe('decimalReader', () => {
  it('reads every number as JavaScript does, to its end, and knows integers', () => {
    fc.assert(
      fc.property(written, fc.constantFrom(',', ']', '}', ' '), (text, next) => {
        const isInteger = /^-?\d+$/.test(text)
        expect(read(text + next)).toEqual({ value: Number(text), end: text.length, isInteger })
      }),
      { numRuns: 5_000 },
    )
  })

  it.each(['', '-', 'null', 'NaN', '-Infinity', '+1', '.5', '"1"'])('finds no number in %j', (text) => {
    expect(read(text).end).toBe(0)
  })

  it('makes no number of an exponent without digits', () => {
    expect(read('1e,').value).toBeNaN()
  })
})
