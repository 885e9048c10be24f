import type { Kind } from '../metric/points.ts'
import { usageError } from '../util/errors.ts'
import { type FileSystem, nodeFiles, replaceFile } from '../util/files.ts'
import { type GzipOptions, gzip } from '../util/gzip.ts'
import { temporaryBeside } from '../util/temporary.ts'
import { type Metric, type MetricBatch, noKey } from './batch.ts'
import { formatNumber, quote, timeFormatter } from './text.ts'

/** `plain`: `[[<ISO-8601 with offset>, value], …]`; `clusterman`: what Clusterman's last version writes and reads (jsonpickle). */
export type MetricsFormat = 'plain' | 'clusterman'

export interface WriteMetricsOptions {
  readonly format?: MetricsFormat
  readonly gzip?: GzipOptions
  readonly files?: FileSystem
  /** Where the bytes are kept until they are durable; by default a new file beside. */
  readonly temporary?: string
}

export interface WrittenMetrics {
  readonly metrics: number
  readonly points: number
  /** Bytes of the file. */
  readonly bytes: number
}

/**
 * Writes a metrics file whole or not at all, durable on return; equal points give equal bytes. Batches of a metric come one after
 * the other, in order of time, and so do the metrics of a type.
 */
export async function writeMetrics(
  path: string,
  batches: AsyncIterable<MetricBatch>,
  { files = nodeFiles, temporary: given, ...options }: WriteMetricsOptions = {},
): Promise<WrittenMetrics> {
  const temporary = given ?? (await temporaryBeside(files, path, 'tmp'))
  const written = { metrics: 0, points: 0, bytes: 0 }
  try {
    await replaceFile(files, { path, temporary }, fileBytes(batches, options, written))
  } catch (error) {
    await files.remove(temporary)
    throw error
  }
  return written
}

/** What {@link writeMetrics} would write. */
export async function countMetrics(
  batches: AsyncIterable<MetricBatch>,
  options: Omit<WriteMetricsOptions, 'files' | 'temporary'> = {},
): Promise<WrittenMetrics> {
  const written = { metrics: 0, points: 0, bytes: 0 }
  for await (const _ of fileBytes(batches, options, written));
  return written
}

/** The bytes of a metrics file; counts them, and what is in them. */
async function* fileBytes(
  batches: AsyncIterable<MetricBatch>,
  { format = 'plain', gzip: gzipOptions }: WriteMetricsOptions,
  written: { metrics: number; points: number; bytes: number },
): AsyncIterable<Uint8Array> {
  for await (const piece of gzip(bytesOf(metricsText(batches, format, written)), gzipOptions)) {
    written.bytes += piece.length
    yield piece
  }
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text, 'latin1')
}

/** How a format sets the text of points and metric types. */
interface Layout {
  openType(type: string): string
  readonly closeType: string
  /** Gives the texts before, between and after a point's time and value. */
  readonly point: readonly [string, string, string]
  time(): (time: number) => string
}

const layouts: Readonly<Record<MetricsFormat, Layout>> = {
  plain: {
    openType: (type) => `${quote(type)}: {`,
    closeType: '}',
    point: ['["', '", ', ']'],
    time: timeFormatter,
  },
  clusterman: {
    openType: (type) => `${quote(type)}: {"py/object": "collections.defaultdict", `,
    closeType: ', "default_factory": {"py/type": "builtins.list"}}',
    point: ['{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": ', '}, ', ']}'],
    time: () => (time) => `${Math.floor(time / 1_000)}`,
  },
}

/** The JSON text of a metrics file, in ASCII, in pieces. */
async function* metricsText(
  batches: AsyncIterable<MetricBatch>,
  format: MetricsFormat,
  written: { metrics: number; points: number },
): AsyncIterable<string> {
  const layout = layouts[format]
  const formatTime = layout.time()
  let open: Metric | undefined
  let separator = ''
  yield '{'
  for await (const batch of batches) {
    const { metric } = batch
    if (metric.name !== open?.name || metric.type !== open.type) {
      if (format === 'clusterman') requireType(metric)
      yield turn(layout, open, metric)
      open = metric
      separator = ''
      written.metrics++
    }
    if (batch.length === 0) continue
    yield separator + pointsText(batch, layout, formatTime)
    separator = ', '
    written.points += batch.length
  }
  yield open ? `]${open.type === undefined ? '' : layout.closeType}}` : '}'
}

function requireType({ type, name }: Metric): void {
  if (type === undefined)
    throw usageError(
      `metric ${name} has no metric type: Clusterman reads only metrics of a type`,
      'put it below system_metrics, app_metrics or metadata in the design, or write --format plain',
    )
}

/** The text between the points of two metrics. */
function turn(layout: Layout, from: Metric | undefined, to: Metric): string {
  let text = from ? ']' : ''
  const isNewType = from?.type !== to.type
  if (from?.type !== undefined && isNewType) text += layout.closeType
  if (from) text += ', '
  if (to.type !== undefined && isNewType) text += layout.openType(to.type)
  return `${text}${quote(to.name)}: [`
}

function pointsText(batch: MetricBatch, { point }: Layout, formatTime: (time: number) => string): string {
  const [before, between, after] = point
  const valueText = valueFormatter(batch)
  let text = ''
  for (let i = 0; i < batch.length; i++) {
    if (i > 0) text += ', '
    text += before + formatTime(batch.time[i]) + between + valueText(i) + after
  }
  return text
}

/** The text of a point's number, or of its object of numbers. */
function valueFormatter({ first, value, kind, key, keys }: MetricBatch): (point: number) => string {
  const quoted: string[] = []
  const number = (v: number) => formatNumber(value[v], kind[v] as Kind)
  return (point) => {
    const start = first[point]
    const end = first[point + 1]
    if (end === start + 1 && key[start] === noKey) return number(start)
    let text = '{'
    for (let v = start; v < end; v++) {
      quoted[key[v]] ??= quote(keys[key[v]])
      text += `${v > start ? ', ' : ''}${quoted[key[v]]}: ${number(v)}`
    }
    return `${text}}`
  }
}
