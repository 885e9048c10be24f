import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStage, type Stage } from '../backfill/query/stage.ts'
import { isOneOf } from '../metrics-file/identity.ts'
import { metricKey } from '../metrics-file/series.ts'
import type { WrittenMetrics } from '../metrics-file/write.ts'
import { encodeParquet } from '../parquet/write/encode.ts'
import { keepJob } from '../store/lake/job-file.ts'
import { type Lake, openLake } from '../store/lake/lake.ts'
import { heldWindows, jobFolder, prepareLake, stateFolder } from '../store/lake/layout.ts'
import { tableOfPoints } from '../store/lake/point-table.ts'
import { lakeSeries } from '../store/lake/query.ts'
import { full } from '../time/granularity.ts'
import { nodeFiles } from '../util/files.ts'
import { acquireLock } from '../util/lock.ts'
import { describeJob, type GenerateJob, jobId } from './job.ts'
import type { Made, Output } from './output.ts'
import { fillStage, metricsOf } from './staged.ts'

interface LakeOutputOptions {
  readonly signal?: AbortSignal
  /** Takes the lock of a dead process on another host over. */
  readonly takeOver?: boolean
}

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
    async write({ batches, ...made }, consent) {
      await consent(metricsOf(await lakeSeries(path, full, (file) => !file.endsWith(ownSuffix))))
      await using lake = await openLake({ path, job: id, existing: 'replace', metadata: metadataOf(job) })
      await using stage = await openStage(join(jobFolder(path, id), 'tmp', 'points'))
      const points = await fillStage(stage, batches)
      await keepJob(nodeFiles, jobFolder(path, id), describeJob(job))
      const bytes = await replaceMetrics(lake, { stage, ...made }, options.signal)
      return { metrics: made.metrics.length, points, bytes }
    },
    [Symbol.asyncDispose]: () => lock.release(),
  }
}

/** What a job would write into a new lake. */
export async function countLake(job: GenerateJob, { metrics, batches }: Made): Promise<WrittenMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofill-'))
  try {
    await using stage = await openStage(join(folder, 'points'))
    const count = await fillStage(stage, batches)
    let bytes = 0
    for (const window of stage.windows) {
      const { points } = await stage.read(window)
      const { pieces } = await encodeParquet({ ...tableOfPoints(points), metadata: metadataOf(job) })
      bytes += pieces.reduce((sum, piece) => sum + piece.length, 0)
    }
    return { metrics: metrics.length, points: count, bytes }
  } finally {
    await nodeFiles.remove(folder)
  }
}

/** Makes the metrics of the lake exactly what is staged: also in hours that have no points of them any more. */
async function replaceMetrics(
  lake: Lake,
  { stage, metrics, series: made }: { stage: Stage } & Omit<Made, 'batches'>,
  signal?: AbortSignal,
): Promise<number> {
  const isMade = isOneOf(metrics)
  const held = (await lakeSeries(lake.path, full)).filter((text) => isMade(metricKey(text).metric))
  const series = new Set([...held, ...made])
  const windows = new Map(
    [...(await heldWindows(nodeFiles, lake.path, full)), ...stage.windows].map((w) => [w.start, w]),
  )
  let bytes = 0
  for (const range of windows.values()) {
    signal?.throwIfAborted()
    const { points } = await stage.read(range)
    bytes += (await lake.replace({ granularity: full, range, series }, [points])).bytes
  }
  return bytes
}
