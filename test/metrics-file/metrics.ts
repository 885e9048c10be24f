import { noKey } from '../../src/metrics-file/batch.ts'
import { type ReadMetricsOptions, readMetrics } from '../../src/metrics-file/read.ts'

export type Points = [time: number, value: number | Record<string, number>][]

/** The whole of a metrics file: type (`-` for none) → metric → points. */
export async function loadMetrics(
  path: string,
  options?: ReadMetricsOptions,
): Promise<Record<string, Record<string, Points>>> {
  const file: Record<string, Record<string, Points>> = Object.create(null)
  for await (const batch of readMetrics(path, options)) {
    const type = batch.metric.type ?? '-'
    file[type] ??= Object.create(null)
    file[type][batch.metric.name] ??= []
    const points = file[type][batch.metric.name]
    for (let i = 0; i < batch.length; i++) {
      const values = Array.from(batch.value.subarray(batch.first[i], batch.first[i + 1]))
      const keys = Array.from(batch.key.subarray(batch.first[i], batch.first[i + 1]))
      const value =
        keys[0] === noKey ? values[0] : Object.fromEntries(keys.map((key, j) => [batch.keys[key], values[j]]))
      points.push([batch.time[i], value])
    }
  }
  return file
}
