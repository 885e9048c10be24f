import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { listMetrics } from '../metrics-file/list.ts'
import { readMetrics } from '../metrics-file/read.ts'
import { type WriteMetricsOptions, type WrittenMetrics, writeMetrics } from '../metrics-file/write.ts'
import { nodeFiles } from '../util/files.ts'
import { sameMetric } from './inputs.ts'

/** The metrics that a file holds; none where there is no file. */
const existingMetrics = async (path: string, signal?: AbortSignal): Promise<Metric[]> =>
  existsSync(path) ? listMetrics(path, signal) : []

/** Where generated metrics go. */
export interface Output extends AsyncDisposable {
  /** Metrics that it holds and that are only replaced with consent. */
  existing(): Promise<Metric[]>
  /** Makes these metrics what `batches` gives, in the order of `metrics`; all others stay. */
  write(made: { metrics: readonly Metric[]; batches: AsyncIterable<MetricBatch> }): Promise<WrittenMetrics>
}

/** A metrics file as the place for generated metrics. */
export const fileOutput = (path: string, options: OutputOptions): Output => ({
  existing: () => existingMetrics(path, options.signal),
  write: (made) => writeOutput(path, made, options),
  async [Symbol.asyncDispose]() {},
})

export interface OutputOptions extends WriteMetricsOptions {
  readonly signal?: AbortSignal
}

/**
 * Writes generated metrics into a file: those it holds by the same type and name are replaced, all others stay and come first within
 * their type. The file is replaced whole or not at all.
 * @param metrics that `batches` gives, in its order
 */
async function writeOutput(
  path: string,
  { metrics, batches }: { metrics: readonly Metric[]; batches: AsyncIterable<MetricBatch> },
  options: OutputOptions = {},
): Promise<WrittenMetrics> {
  const { signal, files = nodeFiles } = options
  const existing = await existingMetrics(path, signal)
  const kept = existing.filter((metric) => !metrics.some((made) => sameMetric(made, metric)))
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
      yield* readMetrics(path, { signal, select: (metric) => wanted.some((one) => sameMetric(one, metric)) })
    }
  }
}
