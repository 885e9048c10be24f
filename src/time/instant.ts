import type { Temporal } from 'temporal-polyfill'
import { usageError } from '../util/errors.ts'
import { type DurationPart, fixedLength, parseDurationParts } from './duration.ts'
import { parseIso } from './iso.ts'
import { contains, day, formatTime, type Range, type Time } from './range.ts'

export interface InstantOptions {
  /** IANA name of the zone that times without one are in; `UTC` by default. */
  readonly timezone?: string
  /** The clock, for everything relative. */
  readonly now: Time
  /** Where a wall clock that summer time skips moves to. */
  readonly skipped?: 'forward' | 'back'
}

/**
 * Reads an instant as people write it:
 * - ISO-8601 with a zone or without, a date or a month alone: `2017-08-03T18:08:44+00:00`, `2017-08-03`;
 * - relative to now: `now`, `-12h`, `+1h30m`, `one month ago`, `in 5 minutes`; days and longer units keep the wall clock over
 *   changes of summer time, hours and shorter ones are exact;
 * - words: `yesterday`, `next monday`, `Dec 1 2017 08:00`, `5pm`; what names a day or a month means its start.
 *
 * The whole text must be understood. A wall clock that comes twice is the first one, one that is skipped moves forward by default.
 * @throws a usage error that says what to write instead
 */
export async function parseInstant(text: string, options: InstantOptions): Promise<Time> {
  const time = await readInstant(text, options)
  if (contains(calendar, time)) return time
  throw outOfCalendar(text)
}

/** The years that a date of four digits can name, as times are written. */
const calendar: Range = { start: Date.parse('0000-01-01T00:00:00Z'), end: Date.parse('+010000-01-01T00:00:00Z') }

const outOfCalendar = (text: string) =>
  usageError(`invalid time: expected one of the years 0 to 9999, got ${JSON.stringify(text)}`)

async function readInstant(text: string, options: InstantOptions): Promise<Time> {
  const { timezone = 'UTC', now } = options
  checkTimezone(timezone)
  const trimmed = text.trim()
  const iso = parseIso(trimmed)
  if (iso) return iso.offset === undefined ? fromWallClock(iso.wallClock, options) : iso.wallClock - iso.offset
  if (trimmed.toLowerCase() === 'now') return now
  refuseAmbiguous(trimmed)
  const shift = parseShift(trimmed)
  if (shift && isFar(shift)) throw outOfCalendar(text)
  if (shift) return add(now, shift, timezone)
  if (/^[+-]/.test(trimmed) || hasMonthAfter12.test(trimmed)) throw notUnderstood(text)
  const { parseWords } = await import('./words.ts')
  const words = parseWords(trimmed, { now, offset: await offsetAt(now, timezone) })
  if (!words) throw notUnderstood(text)
  return words.offset === undefined ? fromWallClock(words.wallClock, options) : words.wallClock - words.offset
}

/** A date that whoever reads words would take for one with the day before the month. */
const hasMonthAfter12 = /\b\d{4}-(1[3-9]|[2-9]\d)\b/

/** Throws a usage error unless `timezone` names a zone. */
export function checkTimezone(timezone: string): void {
  if (timezone === 'UTC') return
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch {
    throw usageError(`unknown time zone: expected a name such as UTC or Europe/Berlin, got ${timezone || 'nothing'}`)
  }
}

const notUnderstood = (text: string) =>
  usageError(
    `invalid time: cannot understand the whole of ${JSON.stringify(text)}`,
    'write 2017-08-03T18:08:44Z, 2017-08-03, -12h, yesterday or one month ago',
  )

function refuseAmbiguous(text: string): void {
  const refuse = (meaning: string, hint: string) => usageError(`ambiguous time: ${text} ${meaning}`, hint)
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) throw refuse('could be a date or seconds since 1970', hintForNumber(text))
  if (/^\d+[/.]\d+([/.]\d+)?/.test(text))
    throw refuse('could be day first or month first', 'write the date as 2017-12-31')
  if (!/^in\s/i.test(text) && parseDurationParts(text))
    throw refuse('could be before or after now', `write -${text} or +${text}`)
}

function hintForNumber(text: string): string {
  if (/^\d{4}$/.test(text)) return `write the year's first day as ${text}-01-01`
  if (/^(19|20)\d{6}$/.test(text)) return `write the date as ${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  const seconds = Number(text)
  const time = Math.abs(seconds) > 1e11 ? seconds : seconds * 1_000
  if (Math.abs(time) > 8.64e15) return 'write a date such as 2017-08-03T18:08:44Z'
  return `write ${formatTime(time)} if seconds or milliseconds are meant, or -${Math.abs(seconds)}s for a time before now`
}

/** `-12h`, `+1h30m`, `3 days ago`, `in 5 minutes`. */
function parseShift(text: string): DurationPart[] | undefined {
  const match = /^(?:(?<sign>[+-])\s*(?<signed>.+)|(?<past>.+)\s+ago|in\s+(?<future>.+))$/i.exec(text)
  if (!match?.groups) return undefined
  const { sign, signed, past, future } = match.groups
  const direction = sign === '-' || past !== undefined ? -1 : 1
  return parseDurationParts(signed ?? past ?? future)?.map(({ count, unit }) => ({ count: direction * count, unit }))
}

/** Whether parts lead out of the calendar from any time in it: Temporal does not go on for ever. */
const isFar = (parts: readonly DurationPart[]): boolean =>
  parts.reduce((sum, { count, unit }) => sum + Math.abs(count) * roughLength(unit), 0) > calendar.end - calendar.start

const roughLength = (unit: DurationPart['unit']): number =>
  fixedLength([{ count: 1, unit }]) ?? (unit === 'years' ? 365 : 28) * day

async function add(now: Time, parts: readonly DurationPart[], timezone: string): Promise<Time> {
  const exact = fixedLength(parts)
  if (exact !== undefined && (timezone === 'UTC' || parts.every(({ unit }) => !isCalendar(unit))))
    return now + wholeMilliseconds(exact)
  let time = await zoned(now, timezone)
  for (const { count, unit } of parts) {
    if (!isCalendar(unit)) time = time.add({ milliseconds: wholeMilliseconds(fixedLength([{ count, unit }])) })
    else if (Number.isInteger(count)) time = time.add({ [unit]: count })
    else throw usageError(`invalid time: expected a whole number of ${unit}, got ${Math.abs(count)}`)
  }
  return time.epochMilliseconds
}

function wholeMilliseconds(length = 0): number {
  if (Number.isInteger(length)) return length
  throw usageError(`invalid time: expected whole milliseconds, got ${Math.abs(length)}`)
}

const isCalendar = (unit: DurationPart['unit']): boolean =>
  unit === 'days' || unit === 'weeks' || unit === 'months' || unit === 'years'

async function fromWallClock(wallClock: Time, { timezone = 'UTC', skipped }: InstantOptions): Promise<Time> {
  if (timezone === 'UTC') return wallClock
  const local = (await zoned(wallClock, 'UTC')).toPlainDateTime()
  const disambiguation = skipped === 'back' ? 'earlier' : 'compatible'
  return local.toZonedDateTime(timezone, { disambiguation }).epochMilliseconds
}

async function offsetAt(time: Time, timezone: string): Promise<number> {
  return timezone === 'UTC' ? 0 : (await zoned(time, timezone)).offsetNanoseconds / 1e6
}

/** The calendar of zones is loaded when a text needs it. */
async function zoned(time: Time, timezone: string): Promise<Temporal.ZonedDateTime> {
  const { Temporal } = await import('temporal-polyfill')
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone)
}
