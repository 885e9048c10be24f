import { describe, expect, it } from 'vitest'
import { parseInstant } from '../../src/time/instant.ts'
import type { UserError } from '../../src/util/errors.ts'

const now = Date.UTC(2026, 10, 21, 17, 30)

const read = async (text: string, timezone?: string, at = now) =>
  new Date(await parseInstant(text, { timezone, now: at })).toISOString().replace('.000Z', 'Z')

describe('parseInstant', () => {
  it.each([
    ['2017-08-03T18:08:44+00:00', '2017-08-03T18:08:44Z'],
    ['2017-08-03', '2017-08-03T00:00:00Z'],
    ['2017-08', '2017-08-01T00:00:00Z'],
    [' 2017-08-03T18:08 ', '2017-08-03T18:08:00Z'],
    ['2017-12-01T08:00:00 -05:00', '2017-12-01T13:00:00Z'],
    ['2017-12-01  08:00:00 +01:00', '2017-12-01T07:00:00Z'],
    ['2017-12-01T8:00', '2017-12-01T08:00:00Z'],
    ['2017-8-3', '2017-08-03T00:00:00Z'],
    ['now', '2026-11-21T17:30:00Z'],
    ['-12h', '2026-11-21T05:30:00Z'],
    ['-1h30m', '2026-11-21T16:00:00Z'],
    ['-64.4d', '2026-09-18T07:54:00Z'],
    ['-PT90S', '2026-11-21T17:28:30Z'],
    ['+5m', '2026-11-21T17:35:00Z'],
    ['in 5 minutes', '2026-11-21T17:35:00Z'],
    ['1h30m ago', '2026-11-21T16:00:00Z'],
    ['one month ago', '2026-10-21T17:30:00Z'],
    ['-2mo', '2026-09-21T17:30:00Z'],
    ['half an hour ago', '2026-11-21T17:00:00Z'],
    ['yesterday', '2026-11-20T00:00:00Z'],
    ['today', '2026-11-21T00:00:00Z'],
    ['tomorrow', '2026-11-22T00:00:00Z'],
    ['yesterday at 5pm', '2026-11-20T17:00:00Z'],
    ['yesterday noon', '2026-11-20T12:00:00Z'],
    ['this morning', '2026-11-21T06:00:00Z'],
    ['5pm', '2026-11-21T17:00:00Z'],
    ['10:30', '2026-11-21T10:30:00Z'],
    ['next monday', '2026-11-23T00:00:00Z'],
    ['last month', '2026-10-01T00:00:00Z'],
    ['Aug 2017', '2017-08-01T00:00:00Z'],
    ['Dec 1 2017', '2017-12-01T00:00:00Z'],
    ['Dec 1 2017 08:00', '2017-12-01T08:00:00Z'],
    ['Dec 1 2017 08:00 PST', '2017-12-01T16:00:00Z'],
  ])('reads %s', async (text, instant) => {
    expect(await read(text)).toBe(instant)
  })

  it.each([
    ['2017-07-01T08:00:00', 'US/Pacific', '2017-07-01T15:00:00Z'],
    ['2017-07-01', 'Europe/Berlin', '2017-06-30T22:00:00Z'],
    ['2017-07-01T08:00:00Z', 'US/Pacific', '2017-07-01T08:00:00Z'],
    ['yesterday', 'Asia/Tokyo', '2026-11-20T15:00:00Z'],
    ['today at 08:00', 'US/Pacific', '2026-11-21T16:00:00Z'],
    ['half an hour ago', 'US/Pacific', '2026-11-21T17:00:00Z'],
  ])('reads %s in %s', async (text, timezone, instant) => {
    expect(await read(text, timezone)).toBe(instant)
  })

  it('takes the first of two equal wall clocks, and moves over a gap, or back where told so', async () => {
    expect(await read('2017-11-05T01:30:00', 'US/Pacific')).toBe('2017-11-05T08:30:00Z')
    expect(await read('2017-03-12T02:30:00', 'US/Pacific')).toBe('2017-03-12T10:30:00Z')
    const back = await parseInstant('2017-03-12T02:30:00', { timezone: 'US/Pacific', now: 0, skipped: 'back' })
    expect(back).toBe(Date.UTC(2017, 2, 12, 9, 30))
  })

  it('keeps the wall clock over days and the distance over hours when summer time changes', async () => {
    const afterChange = Date.UTC(2017, 10, 5, 20)
    expect(await read('-1d', 'US/Pacific', afterChange)).toBe('2017-11-04T19:00:00Z')
    expect(await read('-24h', 'US/Pacific', afterChange)).toBe('2017-11-04T20:00:00Z')
    expect(await read('-1d1h', 'US/Pacific', afterChange)).toBe('2017-11-04T18:00:00Z')
    expect(await read('-1d', 'UTC', afterChange)).toBe('2017-11-04T20:00:00Z')
  })

  it.each([
    ['', 'cannot understand'],
    ['asdf', 'cannot understand'],
    ['foo 5pm bar', 'cannot understand'],
    ['2017-12-01T08:00:00+00:00 foo', 'cannot understand'],
    ['2017-02-30', 'cannot understand'],
    ['2017-13-01', 'cannot understand'],
    ['5pm to 6pm', 'cannot understand'],
    ['friday 13', 'cannot understand'],
    ['start of month', 'cannot understand'],
    ['christmas', 'cannot understand'],
    ['1512115200', 'write 2017-12-01T08:00:00Z'],
    ['1512115200000', 'write 2017-12-01T08:00:00Z'],
    ['2017', "write the year's first day as 2017-01-01"],
    ['20171201', 'write the date as 2017-12-01'],
    ['12/01/2017', 'write the date as 2017-12-31'],
    ['5m', 'write -5m or +5m'],
    ['2 weeks', 'write -2 weeks or +2 weeks'],
    ['-1M', 'cannot understand'],
    ['-1.5 months', 'expected a whole number of months'],
    ['-0.33333m', 'expected whole milliseconds, got 19999.8'],
    ['300000 years ago', 'expected one of the years 0 to 9999, got "300000 years ago"'],
    ['-99999999999d', 'expected one of the years 0 to 9999'],
    ['in 8000 years', 'expected one of the years 0 to 9999'],
    ['9999-12-31T23:30:00-01:00', 'expected one of the years 0 to 9999'],
  ])('refuses %j', async (text, words) => {
    for (const timezone of ['UTC', 'Europe/Berlin']) {
      const error = (await read(text, timezone).catch((thrown) => thrown)) as UserError
      expect(error).toMatchObject({ name: 'UserError', exitCode: 2 })
      expect(`${error.message} ${error.hint}`).toContain(words)
    }
  })

  it('refuses an unknown zone, also where the time has its own', async () => {
    await expect(read('2017-12-01T08:00:00Z', 'Mars/Base')).rejects.toThrow('unknown time zone')
  })
})
