import type { Kind, PointBatch } from '../metric/points.ts'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { fold } from '../metrics-file/fold.ts'
import { listMetrics } from '../metrics-file/list.ts'
import { readMetrics } from '../metrics-file/read.ts'
import { metricKey, seriesText } from '../metrics-file/series.ts'
import type { Cell } from '../metrics-file/spool.ts'
import { readLake } from '../store/lake/lake.ts'
import { findLake } from '../store/lake/layout.ts'
import { isFile, namesMetricsFile } from '../store/open.ts'
import { full } from '../time/granularity.ts'
import { nodeFiles } from '../util/files.ts'
import { sameMetric } from './inputs.ts'

/** Existing data that functions read. */
export interface StoredMetrics {
  list(): Promise<Metric[]>
  /** The points of a metric in order of time; of a multi-valued one those of a key. */
  read(metric: Metric, key?: string): AsyncIterable<MetricBatch>
}

/** Opens a metrics file, or the points of a lake. */
export async function openStored(path: string, signal?: AbortSignal): Promise<StoredMetrics> {
  const isLake = !namesMetricsFile(path) && !(await isFile(path)) && (await findLake(nodeFiles, path))
  return isLake ? lakeMetrics(path, signal) : fileMetrics(path, signal)
}

const fileMetrics = (path: string, signal?: AbortSignal): StoredMetrics => ({
  list: () => listMetrics(path, signal),
  read: (metric) => readMetrics(path, { select: (candidate) => sameMetric(candidate, metric), signal }),
})

function lakeMetrics(path: string, signal?: AbortSignal): StoredMetrics {
  const texts = async () => {
    const { lakeSeries } = await import('../store/lake/query.ts')
    return lakeSeries(path, full)
  }
  return {
    async list() {
      const metrics: Metric[] = []
      for (const text of await texts()) {
        const { metric } = metricKey(text)
        if (!metrics.some((one) => sameMetric(one, metric))) metrics.push(metric)
      }
      return metrics
    },
    async *read(metric, key) {
      // Without a key all series of the metric: whoever reads one that has keys is told so.
      const all = key === undefined ? await texts() : [seriesText(metric, key)]
      const names = all.filter((text) => sameMetric(metricKey(text).metric, metric))
      const points = readLake(path, { query: { granularity: full, names }, range: always }, { signal })
      yield* fold(metric, cellsOfPoints(points as AsyncIterable<PointBatch>))
    },
  }
}

/** All that a Date can hold. */
const always = { start: -8.64e15, end: 8.64e15 }

async function* cellsOfPoints(batches: AsyncIterable<PointBatch>): AsyncIterable<Cell> {
  for await (const { length, dictionary, series, time, value, kind } of batches) {
    const keys = dictionary.map((text) => metricKey(text).key)
    for (let i = 0; i < length; i++)
      yield { time: time[i], key: keys[series[i]], value: value[i], kind: kind[i] as Kind }
  }
}
