import { existsSync } from 'node:fs'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { isOneOf } from '../metrics-file/identity.ts'
import { listMetrics } from '../metrics-file/list.ts'
import { lockMetricsFile } from '../metrics-file/lock.ts'
import { readMetrics } from '../metrics-file/read.ts'
import { countMetrics, type WriteMetricsOptions, type WrittenMetrics, writeMetrics } from '../metrics-file/write.ts'
import { nodeFiles } from '../util/files.ts'
import { outputPath } from '../util/output-path.ts'
import { temporaryBeside } from '../util/temporary.ts'
import { onePerSecond } from './whole-seconds.ts'

/** The metrics that a file holds; none where there is no file. */
const existingMetrics = async (path: string, signal?: AbortSignal): Promise<Metric[]> =>
  existsSync(path) ? listMetrics(path, signal) : []

/** What is to be written. */
export interface Made {
  readonly metrics: readonly Metric[]
  /** Texts of all series that they may have: a metric, or a key of it. */
  readonly series: readonly string[]
  /** The points of `metrics`, in their order. */
  readonly batches: AsyncIterable<MetricBatch>
}

/** What was written. */
export interface Written extends Omit<WrittenMetrics, 'bytes'> {
  /** Of a database nobody knows them. */
  readonly bytes?: number
  /** Points that were made and that the format cannot hold. */
  readonly leftOut?: number
}

/** Asks whether whatever is held of metrics may go. Throws a refusal where it may not. */
type Consent = (held: readonly Metric[]) => Promise<void>

/** Where generated metrics go. */
export interface Output extends AsyncDisposable {
  /** Makes the metrics exactly what is made, all others stay. Nothing is written without consent to lose what is held of them. */
  write(made: Made, consent: Consent): Promise<Written>
}

/** A metrics file as the place for generated metrics; locked until disposed. */
export async function openFileOutput(name: string, options: OutputOptions): Promise<Output> {
  const path = await outputPath(name)
  const lock = await lockMetricsFile(path, options)
  return {
    async write(made, consent) {
      await consent(await existingMetrics(path, options.signal))
      return writeOutput(path, made, options)
    },
    [Symbol.asyncDispose]: () => lock.release(),
  }
}

/** What would be written into a new metrics file. */
export const countFile = ({ batches }: Pick<Made, 'batches'>, options: OutputOptions): Promise<Written> =>
  inFormat(batches, options, (fitting) => countMetrics(fitting, options))

interface OutputOptions extends Omit<WriteMetricsOptions, 'temporary'> {
  /** Leaves out what the format cannot hold. */
  readonly allowLossy?: boolean
  /** Takes the lock of a dead process on another host over. */
  readonly takeOver?: boolean
  readonly signal?: AbortSignal
}

/**
 * Writes generated metrics into a file: those it holds by the same type and name are replaced, all others stay and come first within
 * their type. The file is replaced whole or not at all.
 */
async function writeOutput(
  path: string,
  { metrics, batches }: Omit<Made, 'series'>,
  options: OutputOptions = {},
): Promise<Written> {
  const { signal, files = nodeFiles } = options
  const existing = await existingMetrics(path, signal)
  const isMade = isOneOf(metrics)
  const kept = existing.filter((metric) => !isMade(metric))
  const write = (all: AsyncIterable<MetricBatch>) =>
    inFormat(all, options, (fitting) => writeMetrics(path, fitting, options))
  if (kept.length === 0) return write(batches)
  const made = await temporaryBeside(files, path, 'new')
  try {
    await writeMetrics(made, batches, { files, temporary: made, gzip: { level: 1 } })
    const parts = [
      { path, metrics: kept },
      { path: made, metrics },
    ]
    return await write(merged(parts, signal))
  } finally {
    await files.remove(made)
  }
}

/** Lets `write` have what the format holds. */
async function inFormat(
  batches: AsyncIterable<MetricBatch>,
  { format, allowLossy }: OutputOptions,
  write: (fitting: AsyncIterable<MetricBatch>) => Promise<WrittenMetrics>,
): Promise<Written> {
  if (format !== 'clusterman') return write(batches)
  let leftOut = 0
  const onLeftOut = (count: number) => {
    leftOut += count
  }
  const written = await write(onePerSecond(batches, { allowLossy, onLeftOut }))
  return { ...written, leftOut }
}

interface Part {
  readonly path: string
  readonly metrics: readonly Metric[]
}

/** The metrics of several files, type by type, so that each type stands once. */
async function* merged(parts: readonly Part[], signal?: AbortSignal): AsyncIterable<MetricBatch> {
  const types = new Set(parts.flatMap(({ metrics }) => metrics.map(({ type }) => type)))
  for (const type of types) {
    for (const { path, metrics } of parts) {
      const wanted = metrics.filter((metric) => metric.type === type)
      if (wanted.length === 0) continue
      yield* readMetrics(path, { signal, select: isOneOf(wanted) })
    }
  }
}
