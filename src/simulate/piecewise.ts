import { ascendingOrder, countUpTo, isAscending, unionOf } from './ascending.ts'

/**
 * A piecewise-constant function of time, right-continuous: from `xs[i]` on, up to the next breakpoint, it is `ys[i]`, and
 * `initial` before the first. `xs` ascends strictly. Functions are never changed once made.
 */
export interface Piecewise {
  readonly initial: number
  readonly xs: Float64Array
  readonly ys: Float64Array
}

export const constant = (initial: number): Piecewise => ({
  initial,
  xs: new Float64Array(0),
  ys: new Float64Array(0),
})

/** The function of breakpoints in ascending order: those that do not change the value are left out, at equal x the later y holds. */
export function ofBreakpoints(initial: number, xs: Float64Array, ys: Float64Array): Piecewise {
  const [keptXs, keptYs] = [new Float64Array(xs.length), new Float64Array(xs.length)]
  let length = 0
  for (let i = 0; i < xs.length; i++) {
    if (length > 0 && keptXs[length - 1] === xs[i]) length--
    if (ys[i] === (length > 0 ? keptYs[length - 1] : initial)) continue
    keptXs[length] = xs[i]
    keptYs[length++] = ys[i]
  }
  return { initial, xs: firstOf(keptXs, length), ys: firstOf(keptYs, length) }
}

/** What {@link ofBreakpoints} makes of pairs `[x, y]`. */
export function piecewise(breakpoints: Iterable<readonly [x: number, y: number]>, initial = 0): Piecewise {
  const pairs = [...breakpoints]
  return ofBreakpoints(
    initial,
    Float64Array.from(pairs, ([x]) => x),
    Float64Array.from(pairs, ([, y]) => y),
  )
}

/** The function that starts at 0 and grows by `deltas[i]` at `xs[i]`, in any order. Exact where the deltas are integers. */
export function accumulate(xs: ArrayLike<number>, deltas: ArrayLike<number>): Piecewise {
  const order = isAscending(xs) ? undefined : ascendingOrder(xs)
  const [sortedXs, ys] = [new Float64Array(xs.length), new Float64Array(xs.length)]
  let y = 0
  for (let k = 0; k < xs.length; k++) {
    const i = order ? order[k] : k
    y += deltas[i]
    sortedXs[k] = xs[i]
    ys[k] = y
  }
  return ofBreakpoints(0, sortedXs, ys)
}

export function valueAt({ initial, xs, ys }: Piecewise, x: number): number {
  const i = countUpTo(xs, x)
  return i === 0 ? initial : ys[i - 1]
}

/** Values at `start`, `start + step`, … before `end`. */
export function sample(f: Piecewise, { start, end, step }: Grid): Float64Array {
  const values = new Float64Array(windowsOf({ start, end, step }))
  let next = countUpTo(f.xs, start)
  for (let i = 0; i < values.length; i++) {
    next = countUpTo(f.xs, start + i * step, next)
    values[i] = next === 0 ? f.initial : f.ys[next - 1]
  }
  return values
}

/** Integrals over `[start, start + step)`, …; the last window ends at `end` and may be shorter. */
export function integrals(f: Piecewise, { start, end, step }: Grid): Float64Array {
  const sums = new Float64Array(windowsOf({ start, end, step }))
  let next = countUpTo(f.xs, start)
  for (let i = 0; i < sums.length; i++) {
    const to = Math.min(start + (i + 1) * step, end)
    let x = start + i * step
    for (; next < f.xs.length && f.xs[next] < to; next++) {
      sums[i] += (f.xs[next] - x) * (next === 0 ? f.initial : f.ys[next - 1])
      x = f.xs[next]
    }
    sums[i] += (to - x) * (next === 0 ? f.initial : f.ys[next - 1])
  }
  return sums
}

/** The exact integral over `[start, end)`, in units of y times units of x; 0 where the window is empty. */
export function integral(f: Piecewise, { start, end }: { start: number; end: number }): number {
  return start < end ? integrals(f, { start, end, step: end - start })[0] : 0
}

/** Windows of `step` that cover `[start, end)`. */
export interface Grid {
  readonly start: number
  readonly end: number
  readonly step: number
}

const windowsOf = ({ start, end, step }: Grid): number => Math.max(0, Math.ceil((end - start) / step))

/** One value for each place in columns of equal length. */
type Operation = (columns: readonly Float64Array[]) => Float64Array

/** `operation` of the values of all functions, at every point. */
function combine(functions: readonly Piecewise[], operation: Operation): Piecewise {
  const xs = unionOf(functions.map((f) => f.xs))
  const [initial] = operation(functions.map((f) => Float64Array.of(f.initial)))
  return ofBreakpoints(initial, xs, operation(functions.map((f) => valuesAt(f, xs))))
}

/** Values at ascending `xs`, among which are all breakpoints. */
function valuesAt(f: Piecewise, xs: Float64Array): Float64Array {
  const values = new Float64Array(xs.length)
  let y = f.initial
  for (let i = 0, next = 0; i < xs.length; i++) {
    if (next < f.xs.length && f.xs[next] === xs[i]) y = f.ys[next++]
    values[i] = y
  }
  return values
}

const both =
  (operation: (a: number, b: number) => number) =>
  (f: Piecewise, g: Piecewise): Piecewise =>
    combine([f, g], ([as, bs]) => as.map((a, i) => operation(a, bs[i])))

export const add = both((a, b) => a + b)
export const subtract = both((a, b) => a - b)
export const multiply = both((a, b) => a * b)
/** Where the divisor is 0 the quotient is 0. */
export const divide = both((a, b) => (b === 0 ? 0 : a / b))
export const maximum = both(Math.max)
export const scale = (f: Piecewise, factor: number): Piecewise => (factor === 1 ? f : map(f, (y) => y * factor))

/** `operation` of every value. */
export const map = (f: Piecewise, operation: (y: number) => number): Piecewise =>
  ofBreakpoints(
    operation(f.initial),
    f.xs,
    f.ys.map((y) => operation(y)),
  )

/** How many functions are added at once: the columns of so many stand in memory, at the breakpoints of all of them. */
const fanIn = 8

/** The sum of all, added in pairs: n log k steps and rounding of log k additions for n breakpoints of k functions. */
export function sum(functions: readonly Piecewise[]): Piecewise {
  if (functions.length === 0) return constant(0)
  if (functions.length <= fanIn) return combine(functions, addInPairs)
  const groups = Math.ceil(functions.length / fanIn)
  return sum(Array.from({ length: groups }, (_, i) => sum(functions.slice(i * fanIn, (i + 1) * fanIn))))
}

/** Adds neighbours, then neighbouring sums, and so on, all into the first column. */
function addInPairs(columns: readonly Float64Array[]): Float64Array {
  for (let width = 1; width < columns.length; width *= 2)
    for (let k = 0; k + width < columns.length; k += 2 * width) addTo(columns[k], columns[k + width])
  return columns[0]
}

function addTo(sums: Float64Array, numbers: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += numbers[i]
}

/** The function inside `[start, end)`, with its value at `start` as the initial one. */
export function restrict(f: Piecewise, { start, end }: { start: number; end: number }): Piecewise {
  const from = countUpTo(f.xs, start)
  let to = countUpTo(f.xs, end, from)
  if (to > from && f.xs[to - 1] === end) to--
  return { initial: valueAt(f, start), xs: f.xs.subarray(from, to), ys: f.ys.subarray(from, to) }
}

/** The first `length` numbers, for good: the rest takes no memory. */
const firstOf = (numbers: Float64Array, length: number): Float64Array =>
  numbers.length === length ? numbers : numbers.slice(0, length)
