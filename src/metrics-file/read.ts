import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { isoByteReader } from '../time/iso-bytes.ts'
import { errorCode, UserError, usageError } from '../util/errors.ts'
import { type BatchBuilder, batchBuilder, type Metric, type MetricBatch } from './batch.ts'
import { type DecimalReader, decimalReader } from './decimal.ts'
import { code, incomplete, type JsonCursor, jsonCursor } from './json-cursor.ts'
import { type QuickReader, quickPoints } from './quick-point.ts'
import { type References, readPoint } from './read-point.ts'

export interface ReadMetricsOptions {
  readonly signal?: AbortSignal
  /** The metrics wanted; all of them by default. Others are passed over quickly. */
  readonly select?: (metric: Metric) => boolean
  /** Told of every value that is no number; by default the first one ends reading. */
  readonly reject?: (metric: Metric, problem: string) => void
}

/**
 * Reads a metrics file of any generation, gzip or plain JSON, in bounded memory (docs/metrics-file.md): flat or typed; points as
 * `[time, value]` with times in ISO-8601 or epoch seconds, under `__data__` or not; or as jsonpickle wrote them (`py/tuple`,
 * `py/object`, `py/id`). A value is a number or an object of numbers. Every metric gives at least one batch, an empty one too.
 */
export async function* readMetrics(path: string, options: ReadMetricsOptions = {}): AsyncGenerator<MetricBatch> {
  const cursor = jsonCursor(path)
  const pieces = unpacked(path, options.signal)
  const step: Step = async (parse) => {
    for (;;) {
      const start = cursor.at
      try {
        return parse()
      } catch (error) {
        if (error !== incomplete) throw error
        cursor.at = start
        const piece = await pieces.next()
        if (piece.done) throw new UserError(`invalid metrics file ${path}: its text ends too early`)
        cursor.feed(piece.value)
      }
    }
  }
  try {
    yield* document({
      cursor,
      step,
      options: { ...options, reject: options.reject ?? failAtOnce(path) },
      builder: batchBuilder({ name: '' }),
      references: { times: [], countsTypes: false },
      isoTime: isoByteReader(),
      decimal: decimalReader(),
    })
  } finally {
    await pieces.return(undefined)
  }
}

/** Runs a function that parses at the cursor, again from its start with more bytes as long as those at hand run out. */
type Step = <T>(parse: () => T) => Promise<T>

interface Reading {
  readonly cursor: JsonCursor
  readonly step: Step
  readonly options: ReadMetricsOptions & Required<Pick<ReadMetricsOptions, 'reject'>>
  /** One for all metrics, since machine code is made for the functions of one object. */
  readonly builder: BatchBuilder
  readonly references: References
  readonly isoTime: ReturnType<typeof isoByteReader>
  readonly decimal: DecimalReader
}

async function* unpacked(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, undefined> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024, signal })
  const isGzip = await startsLikeGzip(path, file)
  const stream = isGzip ? file.pipe(createGunzip({ chunkSize: 256 * 1024 })) : file
  file.on('error', (error) => stream.destroy(error))
  try {
    for await (const piece of stream) yield piece
  } catch (error) {
    if (errorCode(error)?.startsWith('Z_'))
      throw new UserError(`broken metrics file ${path}: ${(error as Error).message}`, { cause: error })
    throw error
  } finally {
    file.destroy()
  }
}

async function startsLikeGzip(path: string, file: ReturnType<typeof createReadStream>): Promise<boolean> {
  await new Promise<void>((resolve, reject) => {
    file.once('readable', resolve).once('end', resolve)
    file.once('error', (error) => {
      if (errorCode(error) === 'ENOENT') reject(usageError(`metrics file not found: ${path}`))
      else if (errorCode(error) === 'EISDIR') reject(usageError(`not a metrics file but a directory: ${path}`))
      else reject(error)
    })
  })
  const start: Buffer | null = file.read(2)
  if (start) file.unshift(start)
  return start?.[0] === 0x1f && start[1] === 0x8b
}

async function* document(reading: Reading): AsyncGenerator<MetricBatch> {
  const { cursor, step } = reading
  await step(() => cursor.take(code.open))
  for (let name = await member(reading, true); name !== undefined; name = await member(reading, false)) {
    const next = await step(cursor.peek)
    if (next === code.openList) yield* points(reading, { name })
    else if (next === code.open) yield* typed(reading, name)
    else cursor.fail('a list of points or an object of metrics')
  }
}

/** The name of an object's next member, or undefined at its end. */
const member = ({ cursor, step }: Reading, isFirst: boolean): Promise<string | undefined> =>
  step(() => {
    if (cursor.skip(code.close)) return undefined
    if (!isFirst) cursor.take(code.comma)
    const name = cursor.string()
    cursor.take(code.colon)
    return name
  })

/** A metric type with its metrics, or a metric of the first generation. */
async function* typed(reading: Reading, type: string): AsyncGenerator<MetricBatch> {
  const { cursor, step, references } = reading
  await step(() => cursor.take(code.open))
  let isCounted = false
  for (let name = await member(reading, true); name !== undefined; name = await member(reading, false)) {
    if ((await step(cursor.peek)) !== code.openList) {
      if (!bookkeeping.has(name)) cursor.fail(`a list of points for ${type}.${name}`)
      references.countsTypes = true
      await step(cursor.skipValue)
      continue
    }
    if (references.countsTypes && !isCounted) references.times.push(Number.NaN)
    isCounted = true
    yield* points(reading, name === '__data__' ? { name: type } : { type, name })
  }
}

/** What jsonpickle adds to a defaultdict. */
const bookkeeping: ReadonlySet<string> = new Set(['py/object', 'py/state', 'default_factory'])

async function* points(reading: Reading, metric: Metric): AsyncGenerator<MetricBatch> {
  const { cursor, step, options, builder, references, isoTime, decimal } = reading
  references.times.push(Number.NaN)
  await step(() => cursor.take(code.openList))
  builder.begin(metric)
  const isWanted = options.select?.(metric) ?? true
  const { reject } = options
  const list: PointList = {
    cursor,
    builder,
    references,
    isoTime,
    decimal,
    bytes: cursor.bytes,
    timeLength: 0,
    keys: [],
    isFirst: true,
    reject: (problem) => isWanted && reject(metric, problem),
  }
  for (let isDone = false; !isDone; ) {
    isDone = await step(() => advance(list, isWanted ? takePoints : passPoints))
    if (!isWanted) builder.clear()
    else if (isDone || builder.isFull()) yield builder.take()
  }
}

const failAtOnce =
  (path: string) =>
  ({ name }: Metric, problem: string): never => {
    throw new UserError(`invalid point of ${name} in ${path}: ${problem}`)
  }

/** A list of points that is being read. */
interface PointList extends QuickReader {
  isFirst: boolean
}

/** Takes the next point, and those behind it that go quickly. */
function takePoints(list: PointList): void {
  const { cursor } = list
  cursor.peek()
  const end = quickPoints(list, cursor.at)
  if (end === cursor.at) readPoint(list)
  else cursor.at = end
}

/** Passes over the next point. One whose time is an object is read all the same: points of other metrics may refer to that. */
function passPoints(list: PointList): void {
  const { cursor } = list
  const start = cursor.at
  const isPlain = cursor.skip(code.openList) && cursor.peek() !== code.open
  cursor.at = start
  if (isPlain) cursor.skipValue()
  else takePoints(list)
}

/** Reads points while there are bytes and room. True at the end of the list. */
function advance(list: PointList, read: (reader: PointList) => void): boolean {
  const { cursor, builder } = list
  for (let count = 0; !builder.isFull(); count++) {
    const start = cursor.at
    try {
      if (cursor.skip(code.closeList)) return true
      if (!list.isFirst) cursor.take(code.comma)
      read(list)
      list.isFirst = false
    } catch (error) {
      if (error !== incomplete || count === 0) throw error
      cursor.at = start
      return false
    }
  }
  return false
}
