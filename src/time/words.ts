import type { ParsedComponents } from 'chrono-node'
import { casual } from 'chrono-node/en'
import type { IsoTime } from './iso.ts'
import { minute, type Time } from './range.ts'

const partOfDay = /^casualReference\/(morning|noon|afternoon|evening|tonight|midnight)$/

/**
 * Reads English words such as `yesterday`, `next monday` or `Dec 1 2017 08:00` on a clock that is `offset` ms ahead of UTC.
 * What names a day or a month means its start. Undefined unless the whole text is one instant and cannot mean another.
 */
export function parseWords(text: string, { now, offset }: { now: Time; offset: number }): IsoTime | undefined {
  const [result, ...more] = casual.parse(text, { instant: new Date(now), timezone: offset / minute })
  if (!result || more.length > 0 || result.end || result.text.length !== text.length) return undefined
  const { start } = result
  if (!namesTimeOfDay(start, text)) return undefined
  const zone = start.isCertain('timezoneOffset') ? Number(start.get('timezoneOffset')) * minute : undefined
  return { wallClock: wallClock(start), offset: zone }
}

/** `friday 13` is not one o'clock in the afternoon: an hour must be written as one. */
const namesTimeOfDay = (start: ParsedComponents, text: string): boolean =>
  !start.isCertain('hour') || hasPartOfDay(start) || isShift(start) || /:|\d ?[ap]\.?m\b/i.test(text)

const isShift = (start: ParsedComponents): boolean => start.tags().has('result/relativeDateAndTime')

const hasPartOfDay = (start: ParsedComponents): boolean => [...start.tags()].some((tag) => partOfDay.test(tag))

function wallClock(start: ParsedComponents): Time {
  const namesMonth = start.isCertain('month') && !start.isCertain('day') && !start.isCertain('weekday')
  const [year, month, day] = [start.get('year') ?? 0, start.get('month') ?? 1, start.get('day') ?? 1]
  const date = Date.UTC(year, month - 1, namesMonth ? 1 : day)
  if (!start.isCertain('hour') && !hasPartOfDay(start)) return date
  const of = (part: 'hour' | 'minute' | 'second' | 'millisecond') => start.get(part) ?? 0
  return date + ((of('hour') * 60 + of('minute')) * 60 + of('second')) * 1_000 + of('millisecond')
}
