import type { Kind } from '../metric/points.ts'
import type { Time } from '../time/range.ts'

/** A metric of a metrics file: its name with dimensions, `name|dimension=value,…`, and Clusterman's metric type where it has one. */
export interface Metric {
  readonly type?: string
  readonly name: string
}

/** Stands in {@link MetricBatch.key} for a point that is one number instead of numbers by key. */
export const noKey = -1

/**
 * A stretch of one metric's points, in the order of the file.
 *
 * Point `i`, of `length`, is at `time[i]` (ms UTC); its values are those from `first[i]` up to `first[i + 1]`: one whose `key` is
 * {@link noKey}, or any number of them (none as well) whose `key` indexes `keys`, which is append-only for one metric.
 * `kind` is a {@link Kind}, as in a `PointBatch`.
 */
export interface MetricBatch {
  readonly metric: Metric
  readonly length: number
  readonly time: Float64Array
  readonly first: Uint32Array
  readonly value: Float64Array
  readonly kind: Uint8Array
  readonly key: Int32Array
  readonly keys: readonly string[]
}

/** Collects the points of one metric into batches: each point first, then its values. */
export interface BatchBuilder {
  isFull(): boolean
  point(time: Time): void
  /** A value of the last point; `key` is {@link noKey} or comes from `keyId`. */
  value(value: number, kind: Kind, key: number): void
  keyId(key: string): number
  /** Forgets the last point and its values. */
  undo(): void
  /** The batch collected so far; the builder starts anew. */
  take(): MetricBatch
}

const capacity = 4096

const room = (points: number, values: number) => ({
  time: new Float64Array(points),
  first: new Uint32Array(points + 1),
  value: new Float64Array(values),
  kind: new Uint8Array(values),
  key: new Int32Array(values),
})

export function batchBuilder(metric: Metric): BatchBuilder {
  const keys: string[] = []
  const idOf = new Map<string, number>()
  let columns = room(capacity, capacity)
  let length = 0
  let values = 0
  return {
    isFull() {
      return length === capacity || values >= 4 * capacity
    },
    point(time) {
      columns.time[length++] = time
      columns.first[length] = values
    },
    value(value, kind, key) {
      if (values === columns.value.length) columns = withMoreValues(columns)
      columns.value[values] = value
      columns.kind[values] = kind
      columns.key[values] = key
      columns.first[length] = ++values
    },
    keyId(text) {
      const known = idOf.get(text)
      if (known !== undefined) return known
      idOf.set(text, keys.length)
      return keys.push(text) - 1
    },
    undo() {
      values = columns.first[--length]
    },
    take() {
      const { time, first, value, kind, key } = columns
      const batch = {
        metric,
        length,
        time: time.subarray(0, length),
        first: first.subarray(0, length + 1),
        value: value.subarray(0, values),
        kind: kind.subarray(0, values),
        key: key.subarray(0, values),
        keys,
      }
      columns = room(capacity, capacity)
      length = 0
      values = 0
      return batch
    },
  }
}

function withMoreValues(columns: ReturnType<typeof room>): ReturnType<typeof room> {
  const larger = room(0, 2 * columns.value.length)
  larger.value.set(columns.value)
  larger.kind.set(columns.kind)
  larger.key.set(columns.key)
  return { ...larger, time: columns.time, first: columns.first }
}

/** Adds point `i` of a batch, with all its values, at `time`. */
export function copyPoint(builder: BatchBuilder, batch: MetricBatch, { i, time }: { i: number; time: Time }): void {
  builder.point(time)
  for (let v = batch.first[i]; v < batch.first[i + 1]; v++) {
    const key = batch.key[v] === noKey ? noKey : builder.keyId(batch.keys[batch.key[v]])
    builder.value(batch.value[v], batch.kind[v] as Kind, key)
  }
}
