import { existsSync } from 'node:fs'
import { formatTime } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import type { Metric, MetricBatch } from './batch.ts'
import { cellsOf, fold, mergeByTime } from './fold.ts'
import { identity, isOneOf } from './identity.ts'
import { listMetrics } from './list.ts'
import { readMetrics } from './read.ts'
import { metricKey, seriesText } from './series.ts'
import type { Cell, Spool } from './spool.ts'
import { type WriteMetricsOptions, type WrittenMetrics, writeMetrics } from './write.ts'

interface ReplaceOptions extends WriteMetricsOptions {
  readonly signal?: AbortSignal
}

/**
 * Writes a metrics file anew: what it holds but for the cells that `isReplaced` names, and the points of `spool`. Metrics keep their
 * places; new ones come after those of their type.
 */
export async function replacePoints(
  path: string,
  { spool, isReplaced }: { spool: Spool; isReplaced: (series: string, cell: Cell) => boolean },
  options: ReplaceOptions = {},
): Promise<WrittenMetrics> {
  const added = addedMetrics(spool)
  const existing = existsSync(path) ? await listMetrics(path, options.signal) : []
  requireDistinct(path, existing)
  const isHeld = isOneOf(existing)
  const fresh = [...added.values()].filter(({ metric }) => !isHeld(metric))
  const types = new Set([...existing, ...fresh.map(({ metric }) => metric)].map(({ type }) => type))

  async function* batches(): AsyncIterable<MetricBatch> {
    for (const type of types) {
      if (existing.some((metric) => metric.type === type)) yield* kept(type)
      for (const metric of fresh.filter((one) => one.metric.type === type))
        yield* fold(metric.metric, mergeByTime(metric.sources()))
    }
  }
  async function* kept(type: string | undefined): AsyncIterable<MetricBatch> {
    const held = readMetrics(path, { select: (metric) => metric.type === type, signal: options.signal })
    for await (const { metric, batches } of byMetric(held)) {
      const sources = added.get(identity(metric))?.sources() ?? []
      yield* fold(metric, mergeByTime([keptCells(metric, batches, isReplaced), ...sources]))
    }
  }
  return writeMetrics(path, batches(), options)
}

/** Refuses a file of which nobody could tell which one of two metrics the points of a series belong to. */
function requireDistinct(path: string, metrics: readonly Metric[]): void {
  const known = new Map<string, Metric>()
  for (const metric of metrics) {
    const first = known.get(identity(metric))
    if (first)
      throw new UserError(`metrics file ${path} holds one series twice: as ${first.name} and as ${metric.name}`, {
        hint: 'put the points of both into one metric, in order of time',
      })
    known.set(identity(metric), metric)
  }
}

interface AddedMetric {
  readonly metric: Metric
  sources(): AsyncIterable<Cell>[]
}

/** The metrics that the series of a spool belong to. */
function addedMetrics(spool: Spool): Map<string, AddedMetric> {
  const metrics = new Map<string, { metric: Metric; parts: { series: string; key?: string }[] }>()
  for (const series of spool.series) {
    const { metric, key } = metricKey(series)
    const known = metrics.get(identity(metric)) ?? { metric, parts: [] }
    metrics.set(identity(metric), known)
    known.parts.push({ series, key })
  }
  const sources = ({ parts }: { parts: { series: string; key?: string }[] }) =>
    parts.map(({ series, key }) => finite(series, lastOfEachTime(spool.read(series, key))))
  return new Map([...metrics].map(([id, added]) => [id, { metric: added.metric, sources: () => sources(added) }]))
}

async function* finite(series: string, cells: AsyncIterable<Cell>): AsyncIterable<Cell> {
  for await (const cell of cells) {
    if (!Number.isFinite(cell.value) && !(cell.key === '' && Number.isNaN(cell.value)))
      throw new UserError(
        `${series} is ${cell.value} at ${formatTime(cell.time)}: a metrics file holds finite numbers only`,
      )
    yield cell
  }
}

async function* lastOfEachTime(cells: AsyncIterable<Cell>): AsyncIterable<Cell> {
  let last: Cell | undefined
  for await (const cell of cells) {
    if (last && last.time !== cell.time) yield last
    last = cell
  }
  if (last) yield last
}

async function* keptCells(
  metric: Metric,
  batches: AsyncIterable<MetricBatch>,
  isReplaced: (series: string, cell: Cell) => boolean,
): AsyncIterable<Cell> {
  const texts = new Map<string | undefined, string>()
  for await (const batch of batches) {
    for (const cell of cellsOf(batch)) {
      const series = texts.get(cell.key) ?? seriesText(metric, cell.key)
      texts.set(cell.key, series)
      if (!isReplaced(series, cell)) yield cell
    }
  }
}

/** Splits batches where the metric changes. Each part must be read to its end before the next. */
async function* byMetric(
  source: AsyncIterable<MetricBatch>,
): AsyncIterable<{ metric: Metric; batches: AsyncIterable<MetricBatch> }> {
  const iterator = source[Symbol.asyncIterator]()
  let head = await iterator.next()
  async function* part(metric: Metric): AsyncIterable<MetricBatch> {
    for (; !head.done && head.value.metric === metric; head = await iterator.next()) yield head.value
  }
  while (!head.done) yield { metric: head.value.metric, batches: part(head.value.metric) }
}
