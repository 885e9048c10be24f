import { z } from 'zod'
import { seriesMatcher } from '../metric/matching.ts'
import { Kind, type PointBatch } from '../metric/points.ts'
import { formatSeries, parseSeries, series } from '../metric/series.ts'
import { contains, type Range } from '../time/range.ts'
import { UserError, usageError } from '../util/errors.ts'
import { defineSource } from './definition.ts'
import type { Query, ReadOptions, Source } from './source.ts'

/** Points of one batch. */
const capacity = 4096

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
  for await (const text of linesOf(input)) {
    signal?.throwIfAborted()
    line++
    if (text.trim() === '') continue
    const point = parsePoint(text, line)
    if (contains(range, point.time) && matches(point.series)) points.push(point)
    if (points.length === capacity) yield take()
  }
  if (points.length > 0) yield take()
}

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
    const named = pointSchema.parse(object)
    const parsed = 'series' in named ? parseSeries(named.series) : series(named.name, named.tags)
    return { series: formatSeries(parsed), time: timeSchema.parse(object.time), value: readValue(object, text), line }
  } catch (cause) {
    if (cause instanceof UserError) throw usageError(`line ${line} of standard input: ${cause.message}`)
    throw usageError(
      `line ${line} of standard input is no point: ${text.slice(0, 100)}`,
      'give {"series":"name|tag=value","time":"2026-01-01T00:00:00Z","value":1}, one a line',
    )
  }
}

/** The value; JSON.parse would round integers beyond 2^53, and non-finite ones stand as text. */
function readValue({ value }: Record<string, unknown>, text: string): number | bigint {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const digits = /"value"\s*:\s*(-?\d+)\s*[,}]/.exec(text)?.[1]
    return digits === undefined ? value : BigInt(digits)
  }
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  return z.number().parse(value)
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

async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of input) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

export const ndjson = defineSource({
  brief: 'Points on standard input, one JSON object a line: --from -',
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  open: (_options, { stdin }) => ndjsonSource(stdin),
})
