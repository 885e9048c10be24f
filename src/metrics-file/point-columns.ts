import type { Kind } from '../metric/points.ts'
import type { Time } from '../time/range.ts'

/** Points of one series, in columns. */
export interface PointColumns {
  readonly length: number
  readonly time: Float64Array
  readonly value: Float64Array
  readonly kind: Uint8Array
}

/** Columns that grow point by point. */
export interface GrowingPoints {
  add(time: Time, value: number, kind: Kind): void
  take(): PointColumns
}

export function growingPoints(capacity = 64): GrowingPoints {
  let columns = room(capacity)
  let length = 0
  return {
    add(time, value, kind) {
      if (length === columns.time.length) columns = enlarged(columns)
      columns.time[length] = time
      columns.value[length] = value
      columns.kind[length++] = kind
    },
    take: () => part(columns, 0, length),
  }
}

/** Rows `from` up to, without, `to`. */
export const part = ({ time, value, kind }: Omit<PointColumns, 'length'>, from: number, to: number): PointColumns => ({
  length: to - from,
  time: time.subarray(from, to),
  value: value.subarray(from, to),
  kind: kind.subarray(from, to),
})

const room = (size: number) => ({
  time: new Float64Array(size),
  value: new Float64Array(size),
  kind: new Uint8Array(size),
})

function enlarged(columns: ReturnType<typeof room>): ReturnType<typeof room> {
  const larger = room(2 * columns.time.length)
  larger.time.set(columns.time)
  larger.value.set(columns.value)
  larger.kind.set(columns.kind)
  return larger
}
