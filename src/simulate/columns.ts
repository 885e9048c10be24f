import type { Time } from '../time/range.ts'
import { numberList } from '../util/number-list.ts'
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
  const [times, values] = [numberList(), numberList()]
  return {
    append(stretch) {
      times.append(stretch.times)
      values.append(stretch.values)
    },
    build() {
      const columns = { times: times.view().slice(), values: values.view().slice() }
      return isAscending(columns.times) ? columns : sort(columns)
    },
  }
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

/** The first of `others` that is among `times` too, or undefined. */
export function commonTime(times: Float64Array, others: Float64Array): Time | undefined {
  const known = new Set(times)
  return others.find((time) => known.has(time))
}

/** Values at `times`, among which are all times of the columns; 0 at those that the columns do not have. Both ascend strictly. */
export function alignTo(times: Float64Array, columns: Columns): Float64Array {
  if (times.length === columns.times.length) return columns.values
  const aligned = new Float64Array(times.length)
  let next = 0
  for (let i = 0; i < times.length; i++) {
    if (columns.times[next] === times[i]) aligned[i] = columns.values[next++]
  }
  return aligned
}
