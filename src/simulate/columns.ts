import type { Time } from '../time/range.ts'
import { ascendingOrder, isAscending } from './ascending.ts'

/** Numbers over time, ascending. */
export interface Columns {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Columns that grow stretch by stretch, in any order. */
export interface GrowingColumns {
  append(stretch: Columns): void
  /** What was appended, in order of time. */
  build(): Columns
}

export function growingColumns(): GrowingColumns {
  let times = new Float64Array(64)
  let values = new Float64Array(64)
  let length = 0
  const enlarge = (least: number) => {
    const size = Math.max(least, 2 * times.length)
    times = enlarged(times, size)
    values = enlarged(values, size)
  }
  return {
    append(stretch) {
      const end = length + stretch.times.length
      if (end > times.length) enlarge(end)
      times.set(stretch.times, length)
      values.set(stretch.values, length)
      length = end
    },
    build() {
      const columns = { times: times.slice(0, length), values: values.slice(0, length) }
      return isAscending(columns.times) ? columns : sort(columns)
    },
  }
}

function enlarged(numbers: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size)
  larger.set(numbers)
  return larger
}

function sort({ times, values }: Columns): Columns {
  const order = ascendingOrder(times)
  return { times: Float64Array.from(order, (i) => times[i]), values: Float64Array.from(order, (i) => values[i]) }
}

/** The first time that stands twice, or undefined. */
export function duplicateTime({ times }: Columns): Time | undefined {
  for (let i = 1; i < times.length; i++) if (times[i - 1] === times[i]) return times[i]
  return undefined
}

/** Values at `times`, 0 where the columns have none. */
export function alignTo(times: Float64Array, columns: Columns): Float64Array {
  if (times.length === columns.times.length) return columns.values
  const aligned = new Float64Array(times.length)
  let next = 0
  for (let i = 0; i < times.length; i++) {
    if (columns.times[next] === times[i]) aligned[i] = columns.values[next++]
  }
  return aligned
}
