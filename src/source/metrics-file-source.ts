import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Metric } from '../metrics-file/batch.ts'
import { readMetricPoints } from '../metrics-file/points.ts'
import type { Source } from './source.ts'

export interface MetricsFileSourceOptions {
  /** Told of every value that is no number; by default the first one ends reading. */
  readonly reject?: (metric: Metric, problem: string) => void
}

/** A metrics file, of any generation, as a source of points. */
export function metricsFileSource(path: string, { reject }: MetricsFileSourceOptions = {}): Source {
  const file = resolve(path)
  return {
    order: 'series',
    read: (query, range, { signal } = {}) => readMetricPoints(file, { query, range }, { signal, reject }),
    async inputs() {
      const { size, mtimeMs } = await stat(file)
      return `${size} ${mtimeMs}`
    },
  }
}
