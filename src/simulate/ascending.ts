/** Whether no number is less than the one before. */
export function isAscending(xs: ArrayLike<number>): boolean {
  for (let i = 1; i < xs.length; i++) if (xs[i - 1] > xs[i]) return false
  return true
}

/** Places of numbers in ascending order; of equal ones the first comes first. */
export const ascendingOrder = (xs: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: xs.length }, (_, i) => i).sort((a, b) => xs[a] - xs[b] || a - b)

/** How many of the ascending `xs` are not after `x`. Starts at index `from` and gallops, so that a walk over all is linear. */
export function countUpTo(xs: Float64Array, x: number, from = 0): number {
  let step = 1
  let low = from
  let high = from
  while (high < xs.length && xs[high] <= x) {
    low = high + 1
    high += step
    step *= 2
  }
  high = Math.min(high, xs.length)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (xs[middle] <= x) low = middle + 1
    else high = middle
  }
  return low
}

/** Every number of strictly ascending lists, once. */
export function unionOf(lists: readonly Float64Array[]): Float64Array {
  if (lists.length === 0) return new Float64Array(0)
  if (lists.length === 1) return lists[0]
  const middle = lists.length >> 1
  return merge(unionOf(lists.slice(0, middle)), unionOf(lists.slice(middle)))
}

function merge(a: Float64Array, b: Float64Array): Float64Array {
  if (areEqual(a, b)) return a
  const merged = new Float64Array(a.length + b.length)
  let [i, j, length] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const x = a[i] < b[j] ? a[i] : b[j]
    if (a[i] === x) i++
    if (b[j] === x) j++
    merged[length++] = x
  }
  const rest = i < a.length ? a.subarray(i) : b.subarray(j)
  merged.set(rest, length)
  return merged.subarray(0, length + rest.length)
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
