import { Kind } from '../metric/points.ts'
import { parseIso } from '../time/iso.ts'
import type { Time } from '../time/range.ts'
import { type BatchBuilder, noKey } from './batch.ts'
import { code, type JsonCursor } from './json-cursor.ts'
import type { KnownKey } from './quick-point.ts'

/**
 * What `{"py/id": n}` can mean: jsonpickle 1.4 numbers objects from 0 in the order of the text, namely types (where those are
 * objects), lists of points and times. Only times are referred to; the others hold NaN.
 */
export interface References {
  readonly times: Time[]
  countsTypes: boolean
}

export interface PointReader {
  readonly cursor: JsonCursor
  readonly builder: BatchBuilder
  readonly references: References
  /** Keys by their position in the first point that has one there. */
  readonly keys: KnownKey[]
  /** Told of a time or value that cannot be used; what is left of the point is kept. */
  reject(problem: string): void
}

/** Reads `[time, value]` or `{"py/tuple": [time, value]}` into the builder, or nothing where the bytes run out. */
export function readPoint(reader: PointReader): void {
  const { cursor, builder, references } = reader
  const isTuple = cursor.skip(code.open)
  if (isTuple) takeKey(cursor, 'py/tuple')
  cursor.take(code.openList)
  const { time, isNew, problem } = readTime(reader)
  cursor.take(code.comma)
  builder.point(time)
  const problems = problem ? [problem] : []
  let hasValue = false
  try {
    hasValue = readValue(reader, problems)
    cursor.take(code.closeList)
    if (isTuple) cursor.take(code.close)
  } catch (error) {
    builder.undo()
    throw error
  }
  if (isNew) references.times.push(time)
  if (problem || !hasValue) builder.undo()
  for (const text of problems) reader.reject(text)
}

interface ReadTime {
  readonly time: Time
  /** Whether it is an object that later points may refer to. */
  readonly isNew: boolean
  readonly problem?: string
}

function readTime({ cursor, references }: PointReader): ReadTime {
  const next = cursor.peek()
  if (next === code.quote) return fromText(cursor.string())
  if (next !== code.open) return fromSeconds(cursor.word(), false)
  cursor.take(code.open)
  const key = cursor.string()
  cursor.take(code.colon)
  if (key === 'py/id') return referred(cursor, references)
  const seconds = key === 'timestamp' ? cursor.word() : readTimestamp(cursor)
  passMembers(cursor)
  return fromSeconds(seconds, true)
}

function referred(cursor: JsonCursor, { times }: References): ReadTime {
  const id = cursor.word()
  cursor.take(code.close)
  const time = times[Number(id)] ?? Number.NaN
  return { time, isNew: false, problem: Number.isNaN(time) ? `py/id ${id} refers to no time` : undefined }
}

/** The member `timestamp` of an Arrow object, whose first member's value comes next. */
function readTimestamp(cursor: JsonCursor): string {
  cursor.skipValue()
  cursor.take(code.comma)
  takeKey(cursor, 'timestamp')
  return cursor.word()
}

function passMembers(cursor: JsonCursor): void {
  while (!cursor.skip(code.close)) {
    cursor.take(code.comma)
    cursor.string()
    cursor.take(code.colon)
    cursor.skipValue()
  }
}

function fromText(text: string): ReadTime {
  const iso = parseIso(text)
  if (iso) return { time: iso.wallClock - (iso.offset ?? 0), isNew: false }
  return { time: Number.NaN, isNew: false, problem: `expected a time in ISO-8601, got ${JSON.stringify(text)}` }
}

/** Seconds of a whole millisecond can fall short of it as a double: half a microsecond more makes up for that. */
const shortfall = 0.000_5

function fromSeconds(word: string, isNew: boolean): ReadTime {
  const time = Math.floor(Number(word) * 1_000 + shortfall)
  const isTime = Number.isFinite(time) && Math.abs(time) <= 8.64e15 && word !== 'null'
  return { time, isNew, problem: isTime ? undefined : `expected a time in seconds, got ${word}` }
}

/** Reads a number or an object of numbers. False where there is none, and for a lone value that is no number. */
function readValue(reader: PointReader, problems: string[]): boolean {
  const { cursor } = reader
  if (!cursor.skip(code.open)) return readNumber(reader, noKey, problems)
  for (let position = 0; !cursor.skip(code.close); position++) {
    if (position > 0) cursor.take(code.comma)
    const key = readKey(reader, position)
    cursor.take(code.colon)
    readNumber(reader, key, problems)
  }
  return true
}

function readKey({ cursor, builder, keys }: PointReader, position: number): number {
  cursor.peek()
  const start = cursor.at
  const id = builder.keyId(cursor.string())
  keys[position] ??= { quoted: Uint8Array.from(cursor.bytes.subarray(start, cursor.at)), id }
  return id
}

function readNumber({ cursor, builder }: PointReader, key: number, problems: string[]): boolean {
  const next = cursor.peek()
  if (next === code.quote || next === code.open || next === code.openList) {
    cursor.skipValue()
    problems.push('expected a number, got a text, list or object')
    return false
  }
  const word = cursor.word()
  const value = Number(word)
  if (!isNumber.test(word) || !Number.isFinite(value)) {
    problems.push(`expected a finite number, got ${word}`)
    return false
  }
  builder.value(value, kindOf(word, value), key)
  return true
}

const isNumber = /^-?\d/

const kindOf = (word: string, value: number): Kind => (/[.eE]/.test(word) ? Kind.double : integerKind(value))

/** The kind of a number that is written as an integer. */
export function integerKind(value: number): Kind {
  if (!Number.isSafeInteger(value)) return Kind.double
  return value === (value | 0) ? Kind.int32 : Kind.int64
}

function takeKey(cursor: JsonCursor, key: string): void {
  if (cursor.string() !== key) cursor.fail(`"${key}"`)
  cursor.take(code.colon)
}
