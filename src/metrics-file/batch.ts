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
  /** Forgets all points since the last `take`. */
  clear(): void
  /** Goes on with another metric, after `take`. */
  begin(metric: Metric): void
  /** The batch collected so far; the builder starts anew. */
  take(): MetricBatch
}

const capacity = 4096

const pointRoom = () => ({ time: new Float64Array(capacity), first: new Uint32Array(capacity + 1) })

const valueRoom = (size: number) => ({
  value: new Float64Array(size),
  kind: new Uint8Array(size),
  key: new Int32Array(size),
})

export function batchBuilder(first: Metric): BatchBuilder {
  let metric = first
  let keys: string[] = []
  const idOf = new Map<string, number>()
  let points = pointRoom()
  let cells = valueRoom(capacity)
  let length = 0
  let values = 0
  return {
    isFull() {
      return length === capacity || values >= 4 * capacity
    },
    point(time) {
      points.time[length++] = time
      points.first[length] = values
    },
    value(value, kind, key) {
      if (values === cells.value.length) cells = enlarged(cells)
      cells.value[values] = value
      cells.kind[values] = kind
      cells.key[values] = key
      points.first[length] = ++values
    },
    keyId(text) {
      const known = idOf.get(text)
      if (known !== undefined) return known
      idOf.set(text, keys.length)
      return keys.push(text) - 1
    },
    undo() {
      values = points.first[--length]
    },
    clear() {
      length = 0
      values = 0
    },
    begin(next) {
      metric = next
      keys = []
      idOf.clear()
    },
    take() {
      const batch = {
        metric,
        length,
        time: points.time.subarray(0, length),
        first: points.first.subarray(0, length + 1),
        value: cells.value.subarray(0, values),
        kind: cells.kind.subarray(0, values),
        key: cells.key.subarray(0, values),
        keys,
      }
      points = pointRoom()
      cells = valueRoom(capacity)
      length = 0
      values = 0
      return batch
    },
  }
}

function enlarged({ value, kind, key }: ReturnType<typeof valueRoom>): ReturnType<typeof valueRoom> {
  const larger = valueRoom(2 * value.length)
  larger.value.set(value)
  larger.kind.set(kind)
  larger.key.set(key)
  return larger
}

/** Adds point `i` of a batch, with all its values, at `time`. */
export function copyPoint(builder: BatchBuilder, batch: MetricBatch, { i, time }: { i: number; time: Time }): void {
  builder.point(time)
  for (let v = batch.first[i]; v < batch.first[i + 1]; v++) {
    const key = batch.key[v] === noKey ? noKey : builder.keyId(batch.keys[batch.key[v]])
    builder.value(batch.value[v], batch.kind[v] as Kind, key)
  }
}
