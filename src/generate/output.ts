import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { isOneOf } from '../metrics-file/identity.ts'
import { listMetrics } from '../metrics-file/list.ts'
import { readMetrics } from '../metrics-file/read.ts'
import { type WriteMetricsOptions, type WrittenMetrics, writeMetrics } from '../metrics-file/write.ts'
import { nodeFiles } from '../util/files.ts'

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

/** What was written; of a database nobody knows how many bytes. */
export type Written = Omit<WrittenMetrics, 'bytes'> & { readonly bytes?: number }

/** Asks whether whatever is held of metrics may go. Throws a refusal where it may not. */
export type Consent = (held: readonly Metric[]) => Promise<void>

/** Where generated metrics go. */
export interface Output extends AsyncDisposable {
  /** Makes the metrics exactly what is made, all others stay. Nothing is written without consent to lose what is held of them. */
  write(made: Made, consent: Consent): Promise<Written>
}

/** A metrics file as the place for generated metrics. */
export const fileOutput = (path: string, options: OutputOptions): Output => ({
  async write(made, consent) {
    await consent(await existingMetrics(path, options.signal))
    return writeOutput(path, made, options)
  },
  async [Symbol.asyncDispose]() {},
})

export interface OutputOptions extends WriteMetricsOptions {
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
): Promise<WrittenMetrics> {
  const { signal, files = nodeFiles } = options
  const existing = await existingMetrics(path, signal)
  const isMade = isOneOf(metrics)
  const kept = existing.filter((metric) => !isMade(metric))
  if (kept.length === 0) return writeMetrics(path, batches, options)
  const made = `${path}.${randomUUID().slice(0, 8)}.new`
  try {
    await writeMetrics(made, batches, { files, gzip: { level: 1 } })
    const parts = [
      { path, metrics: kept },
      { path: made, metrics },
    ]
    return await writeMetrics(path, merged(parts, signal), options)
  } finally {
    await files.remove(made)
  }
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
