import { day, hour, minute, type Time } from './range.ts'

/** What an ISO-8601 text says: the wall clock read as if it were UTC, and its distance from UTC in ms where it gives one. */
export interface IsoTime {
  readonly wallClock: Time
  readonly offset: number | undefined
}

const pattern =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)? ?([Zz]|[+-]\d\d(?::?\d\d)?)?)?)?$/

/**
 * Reads an ISO-8601 date, month or date and time, with a zone or without: `2017-08-03`, `2017-08-03T18:08:44.250+00:00`,
 * `2017-08-03 18:08:44+0000`. What is finer than a millisecond is cut off. Undefined where the text is something else or
 * names a date that does not exist.
 */
export function parseIso(text: string): IsoTime | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [year, month, date, hours, minutes, seconds] = match.slice(1, 7).map((digits) => Number(digits ?? 0))
  const start = dateStart(year, month, match[3] === undefined ? 1 : date)
  if (start === undefined || !isTimeOfDay(hours, minutes, seconds)) return undefined
  const ms = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1_000 + 1e-7)
  const offset = match[8] === undefined ? undefined : parseOffset(match[8])
  return { wallClock: start + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms, offset }
}

function dateStart(year: number, month: number, date: number): Time | undefined {
  const time = new Date(0).setUTCFullYear(year, month - 1, date)
  const made = new Date(time)
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === date ? time : undefined
}

/** 24:00:00 is the end of the day. */
const isTimeOfDay = (hours: number, minutes: number, seconds: number): boolean =>
  minutes < 60 && seconds < 60 && (hours < 24 || (hours * 60 + minutes) * 60 + seconds === day / 1_000)

function parseOffset(text: string): number {
  if (text.toUpperCase() === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || 0)
  return (text[0] === '-' ? -1 : 1) * (hours * hour + minutes * minute)
}
