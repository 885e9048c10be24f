import type { Kind, PointBatch } from '../metric/points.ts'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { fold } from '../metrics-file/fold.ts'
import { isOneOf } from '../metrics-file/identity.ts'
import { listMetrics } from '../metrics-file/list.ts'
import { readMetrics } from '../metrics-file/read.ts'
import { metricKey, seriesText } from '../metrics-file/series.ts'
import type { Cell } from '../metrics-file/spool.ts'
import type { Source } from '../source/source.ts'
import { readLake } from '../store/lake/lake.ts'
import { findLake } from '../store/lake/layout.ts'
import { isFile, namesMetricsFile } from '../store/open.ts'
import { full } from '../time/granularity.ts'
import { always } from '../time/range.ts'
import { nodeFiles } from '../util/files.ts'
import { isRemote } from '../util/location.ts'
import { type InputReference, isMeant } from './plan.ts'
import { metricsOf } from './staged.ts'

/** Existing data that functions read. */
interface StoredMetrics {
  /** The metrics that a design may mean. */
  find(reference: InputReference): Promise<Metric[]>
  /** The points of a metric in order of time; of a multi-valued one those of a key. */
  read(metric: Metric, key?: string): AsyncIterable<MetricBatch>
}

export interface OpenStoredOptions {
  readonly signal?: AbortSignal
  openDatabase?(url: string): Promise<Source>
}

/** Opens a metrics file, or the points of a lake or a database. */
export async function openStored(path: string, { signal, openDatabase }: OpenStoredOptions): Promise<StoredMetrics> {
  if (openDatabase && isRemote(path)) return databaseMetrics(await openDatabase(path), signal)
  const isLake = !namesMetricsFile(path) && !(await isFile(path)) && (await findLake(nodeFiles, path))
  return isLake ? lakeMetrics(path, signal) : fileMetrics(path, signal)
}

const fileMetrics = (path: string, signal?: AbortSignal): StoredMetrics => ({
  find: async (reference) => (await listMetrics(path, signal)).filter((metric) => isMeant(metric, reference)),
  read: (metric) => readMetrics(path, { select: isOneOf([metric]), signal }),
})

function lakeMetrics(path: string, signal?: AbortSignal): StoredMetrics {
  const texts = async () => {
    const { lakeSeries } = await import('../store/lake/query.ts')
    return lakeSeries(path, full)
  }
  return {
    async find(reference) {
      const { key } = reference
      const usable = (await texts()).filter((text) => key === undefined || metricKey(text).key === key)
      return metricsOf(usable).filter((metric) => isMeant(metric, reference))
    },
    async *read(metric, key) {
      // Without a key all series of the metric: whoever reads one that has keys is told so.
      const all = key === undefined ? await texts() : [seriesText(metric, key)]
      const isWanted = isOneOf([metric])
      const names = all.filter((text) => isWanted(metricKey(text).metric))
      const points = readLake(path, { query: { granularity: full, names }, range: always }, { signal })
      yield* fold(metric, cellsOfPoints(points as AsyncIterable<PointBatch>))
    },
  }
}

/** A database is not asked for all that it has: a design says there of what type a metric is. */
function databaseMetrics(source: Source, signal?: AbortSignal): StoredMetrics {
  const read = (metric: Metric, key?: string) => source.read({ names: [seriesText(metric, key)] }, always, { signal })
  return {
    async find({ metric: name, type, key }) {
      const metric = type === undefined ? { name } : { type, name }
      return (await hasPoints(read(metric, key))) ? [metric] : []
    },
    read: (metric, key) => fold(metric, cellsOfPoints(read(metric, key))),
  }
}

async function hasPoints(batches: AsyncIterable<PointBatch>): Promise<boolean> {
  for await (const { length } of batches) if (length > 0) return true
  return false
}

async function* cellsOfPoints(batches: AsyncIterable<PointBatch>): AsyncIterable<Cell> {
  for await (const { length, dictionary, series, time, value, kind } of batches) {
    const keys = dictionary.map((text) => metricKey(text).key)
    for (let i = 0; i < length; i++)
      yield { time: time[i], key: keys[series[i]], value: value[i], kind: kind[i] as Kind }
  }
}
