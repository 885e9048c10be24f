import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIso } from '../../src/time/iso.ts'
import { isoByteReader } from '../../src/time/iso-bytes.ts'

const read = isoByteReader()
/** The text stands between other digits, as in a file. */
const timeOf = (text: string): number => read(Buffer.from(`00${text}00`), 2, 2 + text.length)
const general = (text: string): number | undefined => {
  const iso = parseIso(text)
  return iso && iso.wallClock - (iso.offset ?? 0)
}

const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-01-01'), noInvalidDate: true })
const zone = fc.constantFrom('', 'Z', '+00:00', '+0000', '-07:30', '+0545')

describe('isoByteReader', () => {
  it('reads what programs write, with any zone and with or without milliseconds', () => {
    fc.assert(
      fc.property(date, zone, fc.boolean(), (at, suffix, isExact) => {
        const text = `${at.toISOString().slice(0, isExact ? 23 : 19)}${suffix}`
        expect(timeOf(text)).toBe(general(text))
      }),
    )
  })

  it('never reads another time than the general parser, whatever is changed', () => {
    fc.assert(
      fc.property(date, zone, fc.nat(30), fc.constantFrom(...'0129:-+.TZ x'), (at, suffix, position, changed) => {
        const text = `${at.toISOString().slice(0, 23)}${suffix}`
        const mutated = text.slice(0, position) + changed + text.slice(position + 1)
        const time = timeOf(mutated)
        if (!Number.isNaN(time)) expect(time).toBe(general(mutated))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    '2017-02-29T00:00:00Z',
    '2017-01-01T24:00:00Z',
    '2017-01-01T00:60:00Z',
    '2017-01-01T00:00:60Z',
    '2017-01-01T00:00:00.1',
    '2017-01-01T00:00:00+00',
    '2017-01-01T00:00:00Zx',
    '2017-01-01',
    '',
  ])('leaves %j to the general parser', (text) => {
    expect(timeOf(text)).toBeNaN()
  })
})
