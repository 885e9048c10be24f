import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { arrangePoints } from '../metric/arrange-points.ts'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { metricKey } from '../metrics-file/series.ts'
import type { WrittenMetrics } from '../metrics-file/write.ts'
import type { Seed } from '../random/seed.ts'
import { keepJob } from '../store/lake/job-file.ts'
import { type Lake, openLake } from '../store/lake/lake.ts'
import { heldWindows, jobFolder, prepareLake, stateFolder } from '../store/lake/layout.ts'
import { encodePoints } from '../store/lake/point-table.ts'
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

export interface LakeOutputOptions {
  readonly signal?: AbortSignal
  /** Takes the lock of a dead process on another host over. */
  readonly takeOver?: boolean
}

/** Raised when the same design and seed would give other points than before. */
const semantics = 1

/** What a job is, in plain JSON, as `job.json` keeps it. A text and an integer of the same digits are two seeds. */
function describeJob({ input, text, seed, compat, timezone }: GenerateJob) {
  const source = resolve(input)
  return { kind: 'generate', source, text, seed: [typeof seed, String(seed)], compat, timezone, semantics }
}

/** The job's name in files: 12 hex digits of a hash of its description. */
const jobId = (job: GenerateJob): string =>
  createHash('sha256')
    .update(JSON.stringify(describeJob(job)))
    .digest('hex')
    .slice(0, 12)

/** What the files of a job say of themselves. */
const metadataOf = (job: GenerateJob) => ({ 'retrofill.job': jobId(job), 'retrofill.source': resolve(job.input) })

/**
 * A lake as the place for generated metrics; locked until disposed. All points are made before the first is written; then it is
 * written hour by hour, so that the same command mends what a crash has left.
 */
export async function openLakeOutput(path: string, job: GenerateJob, options: LakeOutputOptions = {}): Promise<Output> {
  await prepareLake(nodeFiles, path)
  const lock = await acquireLock(join(path, stateFolder, 'lock'), options)
  const id = jobId(job)
  const ownSuffix = `.${id}.parquet`
  return {
    existing: async () => metricsOf(await lakeSeries(path, full, (file) => !file.endsWith(ownSuffix))),
    async write({ metrics, batches }) {
      await using lake = await openLake({ path, job: id, existing: 'replace', metadata: metadataOf(job) })
      await using stage = await openStage(join(jobFolder(path, id), 'tmp', 'points'))
      const points = await fill(stage, batches)
      await keepJob(nodeFiles, jobFolder(path, id), describeJob(job))
      const bytes = await replaceMetrics(lake, { stage, metrics }, options.signal)
      return { metrics: metrics.length, points, bytes }
    },
    [Symbol.asyncDispose]: () => lock.release(),
  }
}

/** What a job would write into a new lake. */
export async function countLake(
  job: GenerateJob,
  { metrics, batches }: { metrics: readonly Metric[]; batches: AsyncIterable<MetricBatch> },
): Promise<WrittenMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofill-'))
  try {
    await using stage = await openStage(join(folder, 'points'))
    const points = await fill(stage, batches)
    let bytes = 0
    for (const window of stage.windows) {
      const { pieces } = await encodePoints(arrangePoints(await stage.read(window)), metadataOf(job))
      bytes += pieces.reduce((sum, piece) => sum + piece.length, 0)
    }
    return { metrics: metrics.length, points, bytes }
  } finally {
    await nodeFiles.remove(folder)
  }
}

/** Adds all batches to a stage. Resolves to how many points they have. */
async function fill(stage: Stage, batches: AsyncIterable<MetricBatch>): Promise<number> {
  let points = 0
  for await (const batch of batches) {
    points += batch.length
    await stage.add(batch)
  }
  return points
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
