import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readMetricPoints } from '../metrics-file/points.ts'
import { type MetricsFileStoreOptions, metricsFileStore } from '../store/metrics-file.ts'
import type { Source } from './source.ts'
import { storeSource } from './store.ts'

/** A metrics file, of any generation, as a source of points. */
export const metricsFileSource = (path: string, options?: MetricsFileStoreOptions): Source => ({
  ...storeSource(metricsFileStore(path, options)),
  /** There is nothing to be asked: the file is read and counted. */
  async estimate(query, range, signal) {
    const { size: bytes } = await stat(resolve(path))
    const texts = new Set<string>()
    let points = 0
    for await (const batch of readMetricPoints(resolve(path), { query, range }, { ...options, signal })) {
      points += batch.length
      for (const id of new Set(batch.series)) texts.add(batch.dictionary[id])
    }
    return { series: texts.size, points, bytes }
  },
  async inputs() {
    const { size, mtimeMs } = await stat(resolve(path))
    return `${size} ${mtimeMs}`
  },
})
