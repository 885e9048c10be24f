import { spread } from '../../util/spread.ts'
import type { Item } from './connection.ts'
import { cellsOf } from './items.ts'

/** What reading some metrics takes: read request units, and what comes of them. */
export interface ReadingEstimate {
  readonly requests: number
  readonly points: number
  readonly bytes: number
  readonly units: number
}

/** Metrics that are read to estimate all of them. */
const sampled = 8
/** Bytes that one strongly consistent read unit covers. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
const bytesPerUnit = 4_096

/** Estimates reading all metrics by reading a few of them, evenly spread. Finding a metric takes one request of one unit. */
export async function estimateReading<Metric>(
  metrics: readonly Metric[],
  readItems: (metric: Metric) => AsyncIterable<readonly Item[]>,
): Promise<ReadingEstimate> {
  const total = { requests: metrics.length, points: 0, bytes: 0, units: metrics.length }
  const sample = spread(metrics, sampled)
  const share = metrics.length / Math.max(1, sample.length)
  for (const metric of sample) {
    const found = await measure(readItems(metric))
    for (const name of ['requests', 'points', 'bytes', 'units'] as const) total[name] += share * found[name]
  }
  return total
}

async function measure(pages: AsyncIterable<readonly Item[]>): Promise<ReadingEstimate> {
  let [requests, points, bytes] = [0, 0, 0]
  for await (const items of pages) {
    requests++
    for (const item of items) {
      points += [...cellsOf(item)].length
      bytes += sizeOf(item)
    }
  }
  return { requests: Math.max(1, requests), points, bytes, units: Math.max(1, Math.ceil(bytes / bytesPerUnit)) }
}

/** What an item counts for, roughly: its names and values. */
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + String(Object.values(value)[0]).length, 0)
