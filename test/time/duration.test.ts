import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/time/duration.ts'
import { day, hour, minute, second } from '../../src/time/range.ts'

describe('parseDuration', () => {
  it.each([
    ['1m', minute],
    ['90s', 90 * second],
    ['1h30m', 90 * minute],
    ['1h 30m', 90 * minute],
    ['1 hour and 30 minutes', 90 * minute],
    ['1 hour, 30 minutes', 90 * minute],
    ['1.5h', 90 * minute],
    ['7d', 7 * day],
    ['2 weeks', 14 * day],
    ['an hour', hour],
    ['five minutes', 5 * minute],
    ['every 5 minutes', 5 * minute],
    ['250ms', 250],
    ['0.5s', 500],
    ['0s', 0],
    ['1H', hour],
    ['PT5M', 5 * minute],
    ['P1DT1H30M0.5S', day + 90 * minute + 500],
    ['P2W', 14 * day],
    ['1.1h', 3_960_000],
  ])('reads %s', (text, length) => {
    expect(parseDuration(text)).toBe(length)
  })

  it.each([
    ['', 'got nothing'],
    ['60', 'add a unit: 60s for seconds, 60m for minutes'],
    ['-5m', 'invalid duration'],
    ['1M', 'M could be minutes or months'],
    ['1:30', 'write hours and minutes with units'],
    ['5m and', 'invalid duration'],
    ['5m foo', 'invalid duration'],
    ['1 month', 'months and years have no fixed length'],
    ['P1M', 'months and years have no fixed length'],
    ['P', 'invalid duration'],
    ['PT', 'invalid duration'],
    ['0.1ms', 'expected whole milliseconds'],
  ])('refuses %j', (text, words) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ name: 'UserError', exitCode: 2, message: expect.stringContaining('invalid duration') }),
    )
    try {
      parseDuration(text)
    } catch (error) {
      expect(`${(error as Error).message} ${(error as { hint?: string }).hint}`).toContain(words)
    }
  })

  it('reads fractions of every unit to the millisecond', () => {
    const units = { s: second, m: minute, h: hour, d: day, w: 7 * day }
    const fraction = fc.record({
      unit: fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
      digits: fc.integer({ min: 1, max: 3 }),
      count: fc.nat(9_999_999),
    })
    fc.assert(
      fc.property(fraction, ({ unit, digits, count }) => {
        const length = Number((BigInt(count) * BigInt(units[unit])) / 10n ** BigInt(digits))
        expect(parseDuration(`${(count / 10 ** digits).toFixed(digits)}${unit}`)).toBe(length)
      }),
    )
  })

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (length) => {
        expect(parseDuration(formatDuration(length))).toBe(length)
      }),
    )
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [250, '250ms'],
    [90 * minute, '1h30m'],
    [7 * day, '7d'],
    [day + 1, '1d1ms'],
  ])('writes %d ms as %s', (length, text) => {
    expect(formatDuration(length)).toBe(text)
  })
})
