import { resolve } from 'node:path'
import { arrangePoints } from '../metric/arrange-points.ts'
import { Kind, type PointBatch } from '../metric/points.ts'
import type { Metric } from '../metrics-file/batch.ts'
import { readMetricPoints } from '../metrics-file/points.ts'
import { replacePoints } from '../metrics-file/replace.ts'
import { openSpool } from '../metrics-file/spool.ts'
import type { MetricsFormat } from '../metrics-file/write.ts'
import { contains, floorTo, second } from '../time/range.ts'
import { pointsOnly } from './points-only.ts'
import type { Store } from './store.ts'

export interface MetricsFileStoreOptions {
  readonly format?: MetricsFormat
  /** Told of every value of the file that is no number; by default the first one ends reading. */
  readonly reject?: (metric: Metric, problem: string) => void
}

/**
 * A metrics file as a store of points. Replacing writes the file anew, whole or not at all, with the points collected beside it
 * first; memory stays bounded.
 */
export function metricsFileStore(path: string, { format = 'plain', reject }: MetricsFileStoreOptions = {}): Store {
  const file = resolve(path)
  return {
    async replace({ granularity, range, series }, batches, { signal } = {}) {
      requireFull(granularity)
      await using spool = await openSpool(file)
      let rows = 0
      for await (const batch of batches) {
        signal?.throwIfAborted()
        await spool.add(normalise(requirePoints(batch), format))
        rows += batch.length
      }
      const isReplaced = (text: string, { time }: { time: number }) =>
        contains(range, time) && (series === 'all' || series.has(text))
      const { bytes } = await replacePoints(file, { spool, isReplaced }, { format, signal })
      return { rows, bytes }
    },
    async *read({ granularity, ...query }, range, { signal } = {}) {
      requireFull(granularity)
      yield* readMetricPoints(file, { query, range }, { signal, reject })
    },
    ...(format === 'clusterman' && { resolution: second }),
    normalise: (batch) => arrangePoints([normalise(requirePoints(batch), format)]),
    async [Symbol.asyncDispose]() {},
  }
}

const { requireFull, requirePoints } = pointsOnly('a metrics file')

/** Integers beyond 2^53 become doubles; Clusterman's format keeps whole seconds. */
function normalise({ wide: _, ...batch }: PointBatch, format: MetricsFormat): PointBatch {
  const kind = batch.kind.map((one, i) => (Number.isSafeInteger(batch.value[i]) ? one : Kind.double))
  const time = format === 'clusterman' ? batch.time.map((one) => floorTo(one, second)) : batch.time
  return { ...batch, kind, time }
}
