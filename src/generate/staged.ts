import type { Stage } from '../backfill/query/stage.ts'
import type { PointBatch } from '../metric/points.ts'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { cellsOf } from '../metrics-file/fold.ts'
import { identity } from '../metrics-file/identity.ts'
import { metricKey, seriesText } from '../metrics-file/series.ts'

/** Puts all that is generated on disk, to be written hour by hour. Resolves to how many points the metrics have: of several keys at one time one. */
export async function fillStage(stage: Stage, batches: AsyncIterable<MetricBatch>): Promise<number> {
  let points = 0
  for await (const batch of batches) {
    points += batch.length
    await stage.add(pointsOf(batch))
  }
  return points
}

/** A batch of a metric as points of its series: one for each key. */
function pointsOf(batch: MetricBatch): PointBatch {
  const cells = [...cellsOf(batch)]
  const keys = [...new Set(cells.map(({ key }) => key))]
  const idOf = new Map(keys.map((key, id) => [key, id]))
  return {
    input: 'generated',
    length: cells.length,
    dictionary: keys.map((key) => seriesText(batch.metric, key)),
    series: Uint32Array.from(cells, ({ key }) => idOf.get(key) ?? 0),
    time: Float64Array.from(cells, ({ time }) => time),
    value: Float64Array.from(cells, ({ value }) => value),
    kind: Uint8Array.from(cells, ({ kind }) => kind),
  }
}

/** The metrics that series belong to, each once. */
export function metricsOf(series: Iterable<string>): Metric[] {
  const metrics = Array.from(series, (text) => metricKey(text).metric)
  return [...new Map(metrics.map((metric) => [identity(metric), metric])).values()]
}
