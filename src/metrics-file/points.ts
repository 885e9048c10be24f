import { seriesMatcher } from '../metric/matching.ts'
import { Kind, type PointBatch } from '../metric/points.ts'
import { contains, formatTime, type Range, type Time } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import { type Metric, type MetricBatch, noKey } from './batch.ts'
import { isOneOf } from './identity.ts'
import { type GrowingPoints, growingPoints, type PointColumns, part } from './point-columns.ts'
import { type ReadMetricsOptions, readMetrics } from './read.ts'
import { metricKey, seriesText } from './series.ts'

interface PointsQuery {
  readonly glob?: string
  readonly names?: readonly string[]
}

/**
 * Reads the points of a metrics file series by series, time ascending inside one. Memory holds a batch, and of a multi-valued metric
 * all values in the range, since the file keeps its keys together. A point without any key is one of the empty key, whose value is NaN.
 * @throws an error that the user can act on where a metric goes back in time
 */
export async function* readMetricPoints(
  path: string,
  { query, range }: { query: PointsQuery; range: Range },
  options: Pick<ReadMetricsOptions, 'signal' | 'reject'> = {},
): AsyncGenerator<PointBatch> {
  const output = pointOutput(path, range, seriesMatcher(query))
  const select = wantedMetrics(query.names)
  let keyed: KeyedValues | undefined
  let last: { metric: Metric; time: Time } | undefined
  for await (const batch of readMetrics(path, { ...options, select })) {
    if (batch.metric !== last?.metric) {
      if (keyed) yield* output.keyed(keyed)
      keyed = undefined
      last = { metric: batch.metric, time: Number.NEGATIVE_INFINITY }
    }
    last.time = requireOrder(path, batch, last.time)
    keyed = collectKeyed(batch, range, keyed)
    yield* output.numbers(batch)
  }
  if (keyed) yield* output.keyed(keyed)
}

/** The metrics that hold the series named. */
function wantedMetrics(names: readonly string[] | undefined): ReadMetricsOptions['select'] {
  if (!names) return undefined
  return isOneOf(names.map((text) => metricKey(text).metric))
}

function requireOrder(path: string, { metric, time, length }: MetricBatch, before: Time): Time {
  let last = before
  for (let i = 0; i < length; i++) {
    if (time[i] < last)
      throw new UserError(
        `metrics file ${path} is not in order: ${metric.name} goes back in time at ${formatTime(time[i])}`,
        {
          hint: 'sort the points of each metric by time',
        },
      )
    last = time[i]
  }
  return last
}

interface KeyedValues {
  readonly metric: Metric
  readonly columns: Map<string, GrowingPoints>
}

/** Adds the values with a key to those collected before. */
function collectKeyed(batch: MetricBatch, range: Range, before: KeyedValues | undefined): KeyedValues | undefined {
  if (isPlain(batch)) return before
  const found = before ?? { metric: batch.metric, columns: new Map() }
  const columnOf = (key: string): GrowingPoints => {
    const column = found.columns.get(key) ?? growingPoints()
    found.columns.set(key, column)
    return column
  }
  const columns: GrowingPoints[] = []
  const { length, time, first, value, kind, key, keys } = batch
  for (let i = 0; i < length; i++) {
    if (!contains(range, time[i])) continue
    if (first[i] === first[i + 1]) columnOf('').add(time[i], Number.NaN, Kind.double)
    for (let v = first[i]; v < first[i + 1]; v++) {
      if (key[v] === noKey) continue
      columns[key[v]] ??= columnOf(keys[key[v]])
      columns[key[v]].add(time[i], value[v], kind[v] as Kind)
    }
  }
  return found
}

/** Whether every point of a batch is one number: points and values are the same rows then. */
function isPlain({ length, key, first }: MetricBatch): boolean {
  if (key.length !== length || first[length] !== length) return false
  for (let v = 0; v < key.length; v++) if (key[v] !== noKey) return false
  return true
}

/** Makes point batches whose ids belong to one dictionary. */
function pointOutput(input: string, range: Range, matches: (text: string) => boolean) {
  const dictionary: string[] = []
  const idOf = new Map<string, number>()
  const id = (text: string) => {
    const known = idOf.get(text)
    if (known !== undefined) return known
    idOf.set(text, dictionary.length)
    return dictionary.push(text) - 1
  }
  const batch = (text: string, columns: PointColumns): PointBatch => ({
    input,
    dictionary,
    series: new Uint32Array(columns.length).fill(id(text)),
    ...columns,
  })
  return {
    *numbers(metricBatch: MetricBatch): Iterable<PointBatch> {
      const text = seriesText(metricBatch.metric)
      const columns = matches(text) ? numbersIn(metricBatch, range) : noPoints
      if (columns.length > 0) yield batch(text, columns)
    },
    *keyed({ metric, columns }: KeyedValues): Iterable<PointBatch> {
      for (const [key, column] of columns) {
        const text = seriesText(metric, key)
        if (matches(text)) yield batch(text, column.take())
      }
    },
  }
}

const noPoints = growingPoints(0).take()

/** The points of a batch that are one number, inside a range. */
function numbersIn(batch: MetricBatch, range: Range): PointColumns {
  const { length, time, first, value, kind, key } = batch
  let from = 0
  while (from < length && time[from] < range.start) from++
  let to = length
  while (to > from && time[to - 1] >= range.end) to--
  if (isPlain(batch)) return part(batch, from, to)
  const points = growingPoints()
  for (let i = from; i < to; i++) {
    const v = first[i]
    if (v < first[i + 1] && key[v] === noKey) points.add(time[i], value[v], kind[v] as Kind)
  }
  return points.take()
}
