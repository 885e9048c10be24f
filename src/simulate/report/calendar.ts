import { Temporal } from 'temporal-polyfill'
import { day, minute, type Range, type Time } from '../../time/range.ts'

/** A day of a time zone, cut to a range. */
export interface LocalDay extends Range {
  /** `2017-12`. */
  readonly month: string
  /** From 1 to 31. */
  readonly day: number
  /** Minutes of the wall clock at an instant of the day, from 0 to 1439. */
  minuteOf(time: Time): number
}

/** The days of a time zone that a range touches, in order. */
export function localDays(range: Range, timezone: string): LocalDay[] {
  const days: LocalDay[] = []
  let next = Temporal.Instant.fromEpochMilliseconds(range.start).toZonedDateTimeISO(timezone).startOfDay()
  while (next.epochMilliseconds < range.end) {
    const from = next
    next = from.add({ days: 1 }).startOfDay()
    days.push(localDay(from, next, range))
  }
  return days
}

function localDay(from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime, range: Range): LocalDay {
  const [start, end] = [from.epochMilliseconds, to.epochMilliseconds]
  const isPlain = end - start === day && from.hour === 0
  return {
    month: from.toPlainDate().toPlainYearMonth().toString(),
    day: from.day,
    start: Math.max(start, range.start),
    end: Math.min(end, range.end),
    minuteOf: isPlain
      ? (time) => Math.floor((time - start) / minute)
      : (time) => wallClockMinute(time, from.timeZoneId),
  }
}

/** On days on which the clock is changed. */
function wallClockMinute(time: Time, timezone: string): number {
  const clock = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone)
  return clock.hour * 60 + clock.minute
}

const monthFormat = new Intl.DateTimeFormat('en-US', { month: 'short', year: 'numeric', timeZone: 'UTC' })

/** `Dec 2017` for `2017-12`. */
export const monthName = (month: string): string => monthFormat.format(Date.parse(`${month}-01T00:00:00Z`))
