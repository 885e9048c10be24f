import { day, floorTo, minute, type Range, type Time } from '../time/range.ts'
import { compareBytes } from '../util/bytes.ts'
import { errorMessage, usageError } from '../util/errors.ts'

/** What the name of an archive file tells. */
export interface ArchiveName {
  readonly name: string
  /** When the file was flushed; its points may be older. */
  readonly time: Time
  /** The number among files of the same time, if the name has one. */
  readonly chunk: number | undefined
}

/** Reads an object's name; undefined where it is not the name of an archive file. */
export type NameParser = (name: string) => ArchiveName | undefined

/** `YYYYMMDD_<epoch millis>[_<chunk>].json.gz`; the date is not looked at. */
export const defaultNamePattern = String.raw`\d{8}_(?<ts>\d+)(?:_(?<chunk>\d+))?\.json\.gz`

/**
 * Makes a parser of a regular expression that must match the whole name, with the named groups `ts` (milliseconds since
 * the epoch, in decimal digits) and optionally `chunk` (decimal digits).
 */
export function nameParser(pattern: string = defaultNamePattern): NameParser {
  const whole = compile(pattern)
  return (name) => {
    const groups = whole.exec(name)?.groups
    const time = digits(groups?.ts)
    const chunk = digits(groups?.chunk)
    if (time === undefined || time > lastTime) return undefined
    if (groups?.chunk !== undefined && chunk === undefined) return undefined
    return { name, time, chunk }
  }
}

/** The end of the year 9999: what is later counts microseconds, or is no time at all. */
const lastTime = 253_402_300_799_999

function compile(pattern: string): RegExp {
  try {
    const groups = new RegExp(`${pattern}|`).exec('')?.groups ?? {}
    if (!('ts' in groups)) throw usageError(`invalid name pattern: expected a named group (?<ts>…), got ${pattern}`)
    return new RegExp(`^(?:${pattern})$`, 's')
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`invalid name pattern: ${errorMessage(error)}`)
    throw error
  }
}

function digits(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** The canonical order of files: time, then chunk (none before 0), then the bytes of the name. */
export const compareNames = (a: ArchiveName, b: ArchiveName): number =>
  a.time - b.time || (a.chunk ?? -1) - (b.chunk ?? -1) || compareBytes(a.name, b.name)

/** How far a file's name time may lie outside the range of its points, in ms. */
export interface NameMargins {
  readonly before: number
  readonly after: number
}

export const defaultMargins: NameMargins = { before: 15 * minute, after: 30 * minute }

/** Whether a file can hold points of `range`: its time lies in [start − before, end + after], both inclusive. */
export const isSelected = ({ time }: ArchiveName, range: Range, margins: NameMargins = defaultMargins): boolean =>
  time >= range.start - margins.before && time <= range.end + margins.after

/** Names between which others lie, both excluded. */
export interface NameBounds {
  readonly after: string
  readonly before: string
}

/**
 * Between which names those of a range lie that follow the default pattern. The date in a name and its milliseconds may disagree, by a
 * time zone for one: a day on both sides makes up for that.
 */
export const nameBounds = ({ start, end }: Range, { before, after }: NameMargins): NameBounds => ({
  after: datePrefix(start - before - day),
  before: datePrefix(end + after + 2 * day),
})

const datePrefix = (time: Time): string =>
  time > lastTime
    ? afterDigits
    : new Date(floorTo(Math.max(0, time), day)).toISOString().slice(0, 10).replaceAll('-', '')

/** Comes after every name that begins with a digit. */
const afterDigits = ':'
