import { z } from 'zod'
import { type JsonObject, parseJson } from '../archive/json.ts'
import { isInt64 } from '../metric/int64.ts'
import { seriesMatcher } from '../metric/matching.ts'
import { Kind, type PointBatch } from '../metric/points.ts'
import { formatSeries, parseSeries, type Series, series } from '../metric/series.ts'
import { always, contains, lastInstant, type Range, type Time } from '../time/range.ts'
import { UserError, usageError } from '../util/errors.ts'
import { defineSource } from './definition.ts'
import type { Query, ReadOptions, Source } from './source.ts'

/** Points of one batch. */
const capacity = 4096
/** Bytes of one line: as many as a line of an archive may have. */
const longestLine = 16 << 20

/**
 * Points as JSON objects, one a line, as `retrofill read --output ndjson` prints them: `{"series":"cpu|host=a","time":"2026-01-01T00:00:00Z","value":1}`.
 * Instead of `series` a line may have `name` and `tags`; a time is ISO-8601 with a zone, or a number of ms. It can be read once.
 */
export function ndjsonSource(input: AsyncIterable<Uint8Array>): Source {
  return { order: 'arrival', once: true, read: (query, range, options) => readLines(input, { query, range }, options) }
}

async function* readLines(
  input: AsyncIterable<Uint8Array>,
  { query, range }: { query: Query; range: Range },
  { signal }: ReadOptions = {},
): AsyncGenerator<PointBatch> {
  const matches = seriesMatcher(query)
  const dictionary: string[] = []
  const idOf = new Map<string, number>()
  let points: ParsedPoint[] = []
  const take = () => {
    const batch = batchOf(points, (text) => {
      const id = idOf.get(text) ?? dictionary.push(text) - 1
      idOf.set(text, id)
      return id
    })
    points = []
    return { ...batch, dictionary }
  }
  let line = 0
  for await (const bytes of linesOf(input)) {
    signal?.throwIfAborted()
    line++
    if (bytes.length > longestLine) throw tooLong(line)
    const text = decode(bytes, line)
    if (text.trim() === '') continue
    const point = parsePoint(text, line)
    if (contains(range, point.time) && matches(point.series)) points.push(point)
    if (points.length === capacity) yield take()
  }
  if (points.length > 0) yield take()
}

const tooLong = (line: number): UserError =>
  usageError(
    `line ${line} of standard input is too long: expected at most ${longestLine >> 20} MiB`,
    'give one point a line, each with its line end',
  )

interface ParsedPoint {
  readonly series: string
  readonly time: number
  readonly value: number | bigint
  readonly line: number
}

const pointSchema = z.union([
  z.object({ series: z.string().min(1) }),
  z.object({ name: z.string().min(1), tags: z.record(z.string(), z.string()).default({}) }),
])
const timeSchema = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])

function parsePoint(text: string, line: number): ParsedPoint {
  try {
    const object = JSON.parse(text) as Record<string, unknown>
    return { series: readSeries(object), time: readTime(object), value: readValue(object, text), line }
  } catch (cause) {
    if (cause instanceof UserError) throw usageError(`line ${line} of standard input: ${cause.message}`, cause.hint)
    throw usageError(
      `line ${line} of standard input is no point: ${text.slice(0, 100)}`,
      'give {"series":"name|tag=value","time":"2026-01-01T00:00:00Z","value":1}, one a line',
    )
  }
}

function readSeries(object: unknown): string {
  const named = pointSchema.parse(object)
  const parsed: Series = 'series' in named ? parseSeries(named.series) : series(named.name, named.tags)
  const text = formatSeries(parsed)
  if (/\p{Surrogate}/u.test(text))
    throw usageError(
      `invalid series: half a character in ${JSON.stringify(text)}`,
      'an escape from \\ud800 to \\udfff is half of a pair: write both, or neither',
    )
  return text
}

function readTime(object: Record<string, unknown>): Time {
  const time = timeSchema.parse(object.time)
  if (!Number.isInteger(time))
    throw usageError(
      `invalid time: expected whole milliseconds, got ${time}`,
      'round it; seconds must be multiplied by 1000 first',
    )
  if (!contains(always, time))
    throw usageError(
      `invalid time: expected milliseconds since 1970, less than ${lastInstant} of them, got ${time}`,
      'microseconds must be divided by 1000, nanoseconds by 1000000',
    )
  return time + 0
}

/** The value; non-finite ones stand as text. */
function readValue({ value }: Record<string, unknown>, text: string): number | bigint {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return exactInteger(text) ?? Number(value)
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  return z.number().parse(value)
}

/** The value of a line where it is written as an integer that 64 bits hold: JSON.parse rounds beyond 2^53. */
function exactInteger(text: string): bigint | undefined {
  const value = (parseJson(text) as JsonObject).members.get('value')
  if (value?.type !== 'number' || !/^-?\d+$/.test(value.text)) return undefined
  const integer = BigInt(value.text)
  return isInt64(integer) ? integer : undefined
}

function batchOf(points: readonly ParsedPoint[], id: (text: string) => number): Omit<PointBatch, 'dictionary'> {
  const isWide = points.some(({ value }) => typeof value === 'bigint')
  return {
    input: 'stdin',
    length: points.length,
    series: Uint32Array.from(points, ({ series }) => id(series)),
    time: Float64Array.from(points, ({ time }) => time),
    value: Float64Array.from(points, ({ value }) => Number(value)),
    kind: Uint8Array.from(points, ({ value }) => (isInteger(value) ? Kind.int64 : Kind.double)),
    ...(isWide && {
      wide: BigInt64Array.from(points, ({ value }) => (isInteger(value) ? BigInt(value) : 0n)),
    }),
    line: Uint32Array.from(points, ({ line }) => line),
  }
}

const isInteger = (value: number | bigint): boolean =>
  typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))

const lineFeed = 10
const nothing = new Uint8Array(0)

/** Lines without their ends; of one that is too long only the beginning, and then nothing more. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = nothing
  for await (const bytes of input) {
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      const line = bytes.subarray(start, end)
      yield rest.length > 0 ? Buffer.concat([rest, line]) : line
      rest = nothing
      start = end + 1
    }
    rest = Buffer.concat([rest, bytes.subarray(start)])
    if (rest.length > longestLine) break
  }
  if (rest.length > 0) yield rest
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array, line: number): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw usageError(`line ${line} of standard input is not UTF-8`, 'convert it first, as with iconv -t utf-8')
  }
}

export const ndjson = defineSource({
  brief: 'Points on standard input, one JSON object a line: --from -',
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  open: (_options, { stdin }) => ndjsonSource(stdin),
})
