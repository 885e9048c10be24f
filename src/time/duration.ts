import { usageError } from '../util/errors.ts'
import { day, hour, minute, second } from './range.ts'

/** A unit of time as Temporal names it. */
export type Unit = 'years' | 'months' | 'weeks' | 'days' | 'hours' | 'minutes' | 'seconds' | 'milliseconds'

/** So many of one unit; parts of a duration stand in the order in which they were written. */
export interface DurationPart {
  readonly count: number
  readonly unit: Unit
}

/** Milliseconds of the units whose length is fixed. */
const fixedUnits = {
  weeks: 7 * day,
  days: day,
  hours: hour,
  minutes: minute,
  seconds: second,
  milliseconds: 1,
} as const

const unitWords: readonly (readonly [RegExp, Unit])[] = [
  [/^(y|yrs?|years?)$/, 'years'],
  [/^(mo|months?)$/, 'months'],
  [/^(w|wks?|weeks?)$/, 'weeks'],
  [/^(d|days?)$/, 'days'],
  [/^(h|hrs?|hours?)$/, 'hours'],
  [/^(m|mins?|minutes?)$/, 'minutes'],
  [/^(s|secs?|seconds?)$/, 'seconds'],
  [/^(ms|msecs?|milliseconds?)$/, 'milliseconds'],
]
const countWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ')

const part = /^(\d+(?:\.\d+)?|[a-z]+\s)\s*([a-z]+)(?:\s*,\s*|\s+and\s+|\s*)/i
const isoDuration = /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(?:T(?=.)(\d+H)?(\d+M)?(\d+(?:\.\d+)?S)?)?$/
const isoUnits: readonly Unit[] = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds']

/** Reads `1h30m`, `90 s`, `1.5h`, `one hour and 30 minutes` or `PT1H30M`; undefined where some of the text is not understood. */
export function parseDurationParts(text: string): DurationPart[] | undefined {
  const iso = isoDuration.exec(text)
  if (iso)
    return iso.slice(1).flatMap((digits, i) => (digits ? { count: Number.parseFloat(digits), unit: isoUnits[i] } : []))
  const parts: DurationPart[] = []
  let rest = text
  while (rest !== '') {
    const match = part.exec(rest)
    if (!match) return undefined
    const count = parseCount(match[1].trim())
    const unit = parseUnit(match[2])
    if (count === undefined || !unit) return undefined
    parts.push({ count, unit })
    rest = rest.slice(match[0].length)
  }
  return parts.length > 0 ? parts : undefined
}

function parseCount(text: string): number | undefined {
  if (/^\d/.test(text)) return Number(text)
  const word = text.toLowerCase()
  if (word === 'a' || word === 'an') return 1
  const count = countWords.indexOf(word)
  return count < 0 ? undefined : count
}

/** A lone capital M is nothing: it could be a minute or a month. */
function parseUnit(text: string): Unit | undefined {
  if (text === 'M') return undefined
  return unitWords.find(([words]) => words.test(text.toLowerCase()))?.[1]
}

/** Milliseconds of the parts, or undefined where one of them (a month, a year) has no fixed length. */
export function fixedLength(parts: readonly DurationPart[]): number | undefined {
  let total = 0
  for (const { count, unit } of parts) {
    if (unit === 'years' || unit === 'months') return undefined
    total += count * fixedUnits[unit]
  }
  // Fractions of large units are off by their last bits.
  return Number.isInteger(total) ? total : Number(total.toPrecision(15))
}

/**
 * Reads a length of time: `1m`, `90s`, `1h30m`, `1.5h`, `7d`, `every 5 minutes`, `PT5M`.
 * @returns whole milliseconds, 0 or more
 * @throws a usage error for months and years, for fractions of a millisecond and for everything else
 */
export function parseDuration(text: string): number {
  const parts = parseDurationParts(text.trim().replace(/^every\s+/i, ''))
  if (!parts)
    throw usageError(
      `invalid duration: expected a length such as 90s, 5m, 1h30m, 7d or PT5M, got ${text || 'nothing'}`,
      hintOf(text),
    )
  const length = fixedLength(parts)
  if (length === undefined)
    throw usageError(
      `invalid duration: months and years have no fixed length, got ${text}`,
      'write days, such as 30d or 365d',
    )
  if (!Number.isSafeInteger(length)) throw usageError(`invalid duration: expected whole milliseconds, got ${text}`)
  return length
}

/** Reads a length of time between two points: more than none. */
export function parseStep(text: string): number {
  const length = parseDuration(text)
  if (length === 0) throw usageError(`invalid duration: expected more than 0, got ${text}`)
  return length
}

function hintOf(text: string): string | undefined {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return `add a unit: ${text.trim()}s for seconds, ${text.trim()}m for minutes`
  if (/\dM/.test(text)) return 'M could be minutes or months: write m for minutes'
  if (/^\d+:\d/.test(text)) return 'write hours and minutes with units, such as 1h30m'
  return undefined
}

/** The shortest text with units from days to milliseconds that {@link parseDuration} reads back: `1h30m`, `7d`, `0s`. */
export function formatDuration(length: number): string {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError(`invalid duration: expected whole milliseconds, got ${length}`)
  let rest = length
  let text = ''
  for (const [size, suffix] of [
    [day, 'd'],
    [hour, 'h'],
    [minute, 'm'],
    [second, 's'],
    [1, 'ms'],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${suffix}`
    rest -= count * size
  }
  return text || '0s'
}
