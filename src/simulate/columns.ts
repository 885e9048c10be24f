import type { Time } from '../time/range.ts'

/** Numbers over time, ascending. */
export interface Columns {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** Columns that grow point by point, in any order. */
export interface GrowingColumns {
  add(time: Time, value: number): void
  /** What was added, in order of time. */
  build(): Columns
}

export function growingColumns(): GrowingColumns {
  let times = new Float64Array(64)
  let values = new Float64Array(64)
  let length = 0
  let sorted = true
  const resize = (size: number) => {
    times = copyOf(times, size)
    values = copyOf(values, size)
  }
  return {
    add(time, value) {
      if (length === times.length) resize(Math.ceil(length * 1.5))
      if (length > 0 && times[length - 1] > time) sorted = false
      times[length] = time
      values[length++] = value
    },
    build() {
      resize(length)
      return sorted ? { times, values } : sort({ times, values })
    },
  }
}

function copyOf(numbers: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(size)
  copy.set(numbers.subarray(0, size))
  return copy
}

function sort({ times, values }: Columns): Columns {
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b)
  return { times: Float64Array.from(order, (i) => times[i]), values: Float64Array.from(order, (i) => values[i]) }
}

/** The first time that stands twice, or undefined. */
export const duplicateTime = ({ times }: Columns): Time | undefined =>
  times.find((time, i) => i > 0 && times[i - 1] === time)

/** Every time of the ascending lists, once. */
export function unionOfTimes(lists: readonly Float64Array[]): Float64Array {
  if (lists.length === 0) return new Float64Array(0)
  if (lists.length === 1) return lists[0]
  const middle = lists.length >> 1
  return merge(unionOfTimes(lists.slice(0, middle)), unionOfTimes(lists.slice(middle)))
}

function merge(a: Float64Array, b: Float64Array): Float64Array {
  const merged = new Float64Array(a.length + b.length)
  let length = 0
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const time = Math.min(a[i] ?? Infinity, b[j] ?? Infinity)
    if (a[i] === time) i++
    if (b[j] === time) j++
    merged[length++] = time
  }
  return merged.slice(0, length)
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
