import type { Metric } from './batch.ts'
import { readMetrics } from './read.ts'

/** The metrics of a file, in its order; their points are passed over. */
export async function listMetrics(path: string, signal?: AbortSignal): Promise<Metric[]> {
  const metrics: Metric[] = []
  const select = (metric: Metric) => {
    metrics.push(metric)
    return false
  }
  for await (const _ of readMetrics(path, { select, signal }))
    throw new Error('a metric that is not selected has no batch')
  return metrics
}
