import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Metric } from '../metrics-file/batch.ts'
import { metricKey } from '../metrics-file/series.ts'
import type { Seed } from '../random/seed.ts'
import { type Lake, openLake } from '../store/lake/lake.ts'
import { heldWindows, jobFolder, prepareLake, stateFolder } from '../store/lake/layout.ts'
import { lakeSeries } from '../store/lake/query.ts'
import { full } from '../time/granularity.ts'
import { nodeFiles } from '../util/files.ts'
import { acquireLock } from '../util/lock.ts'
import { sameMetric } from './inputs.ts'
import type { Output } from './output.ts'
import { openStage, type Stage } from './stage.ts'

/** Everything that changes what a generator makes. */
export interface GenerateJob {
  /** The design's path. */
  readonly input: string
  /** The design itself: with another text it is another job, whose metrics need consent to replace those of the first. */
  readonly text: string
  readonly seed: Seed
  readonly compat: boolean
  readonly timezone: string
}

/** Raised when the same design and seed would give other points than before. */
const semantics = 1

/** The job's name in files: 12 hex digits of a hash of its description. */
export function generateJobId({ input, text, seed, compat, timezone }: GenerateJob): string {
  const source = resolve(input)
  // A text and an integer of the same digits are two seeds.
  const description = { kind: 'generate', source, text, seed: [typeof seed, String(seed)], compat, timezone, semantics }
  return createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 12)
}

/**
 * A lake as the place for generated metrics; locked until disposed. All points are made before the first is written; then it is
 * written hour by hour, so that the same command mends what a crash has left.
 */
export async function openLakeOutput(path: string, job: GenerateJob, signal?: AbortSignal): Promise<Output> {
  await prepareLake(nodeFiles, path)
  const lock = await acquireLock(join(path, stateFolder, 'lock'))
  const id = generateJobId(job)
  const ownSuffix = `.${id}.parquet`
  return {
    existing: async () => metricsOf(await lakeSeries(path, full, (file) => !file.endsWith(ownSuffix))),
    async write({ metrics, batches }) {
      const metadata = { 'retrofill.job': id, 'retrofill.source': resolve(job.input) }
      await using lake = await openLake({ path, job: id, existing: 'replace', metadata })
      await using stage = await openStage(join(jobFolder(path, id), 'tmp', 'points'))
      let points = 0
      for await (const batch of batches) {
        points += batch.length
        await stage.add(batch)
      }
      const bytes = await replaceMetrics(lake, { stage, metrics }, signal)
      return { metrics: metrics.length, points, bytes }
    },
    [Symbol.asyncDispose]: () => lock.release(),
  }
}

/** Makes the metrics of the lake exactly what is staged: also in hours that have no points of them any more. */
async function replaceMetrics(
  lake: Lake,
  { stage, metrics }: { stage: Stage; metrics: readonly Metric[] },
  signal?: AbortSignal,
): Promise<number> {
  const held = (await lakeSeries(lake.path, full)).filter((text) => isOneOf(metrics, metricKey(text).metric))
  const series = new Set([...held, ...stage.series])
  const windows = new Map(
    [...(await heldWindows(nodeFiles, lake.path, full)), ...stage.windows].map((w) => [w.start, w]),
  )
  let bytes = 0
  for (const range of windows.values()) {
    signal?.throwIfAborted()
    bytes += (await lake.replace({ granularity: full, range, series }, await stage.read(range))).bytes
  }
  return bytes
}

const isOneOf = (metrics: readonly Metric[], metric: Metric): boolean => metrics.some((one) => sameMetric(one, metric))

function metricsOf(series: readonly string[]): Metric[] {
  const metrics = new Map(series.map((text) => metricKey(text).metric).map((one) => [`${one.type} ${one.name}`, one]))
  return [...metrics.values()]
}
