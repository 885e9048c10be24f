import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIso } from '../../src/time/iso.ts'

/** The instant that a text with a zone means. */
function instantOf(text: string): number {
  const { wallClock = Number.NaN, offset = Number.NaN } = parseIso(text) ?? {}
  return wallClock - offset
}

describe('parseIso', () => {
  it.each([
    ['2017-08-01T15:00:00+0000', '2017-08-01T15:00:00.000Z'],
    ['2017-08-01T08:00:00+00:00', '2017-08-01T08:00:00.000Z'],
    ['2017-08-01T08:00:00Z', '2017-08-01T08:00:00.000Z'],
    ['2017-08-01t08:00:00z', '2017-08-01T08:00:00.000Z'],
    ['2017-08-01 08:00:00.250+02:00', '2017-08-01T06:00:00.250Z'],
    ['2017-08-01T08:00:00,9999999-05', '2017-08-01T13:00:00.999Z'],
    ['2017-08-01T24:00Z', '2017-08-02T00:00:00.000Z'],
    ['2016-02-29T00Z', '2016-02-29T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, instant) => {
    expect(new Date(instantOf(text)).toISOString()).toBe(instant)
  })

  it('reads every millisecond that Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        (date) => {
          expect(instantOf(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })

  it('knows no offset of a text without a zone', () => {
    expect(parseIso('2017-08-01T15:00:00')).toEqual({ wallClock: Date.UTC(2017, 7, 1, 15), offset: undefined })
  })

  it.each([
    '2017-02-29',
    '2017-13-01',
    '2017-00-01',
    '2017-01-00',
    '2017-01-01T24:00:01',
    '2017-01-01T25:00',
    '2017-01-01T10:60',
    '2017-01-01T10:00:60',
    '2017',
    '20170101',
    '2017-1-1',
    '2017-01-01T',
    '2017-01-01 10:00 foo',
    ' 2017-01-01',
  ])('does not take %j for a time', (text) => {
    expect(parseIso(text)).toBeUndefined()
  })
})
