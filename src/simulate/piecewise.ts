/**
 * A piecewise-constant function of time, right-continuous: from `xs[i]` on, up to the next breakpoint, it is `ys[i]`, and
 * `initial` before the first. `xs` ascends strictly. Functions are never changed once made.
 */
export interface Piecewise {
  readonly initial: number
  readonly xs: Float64Array
  readonly ys: Float64Array
}

/** Builds a function from breakpoints in ascending order; at equal x the later y holds. */
export interface PiecewiseBuilder {
  add(x: number, y: number): void
  build(): Piecewise
}

export const constant = (initial: number): Piecewise => ({
  initial,
  xs: new Float64Array(0),
  ys: new Float64Array(0),
})

/** Breakpoints that do not change the value are left out. `capacity` is how many are expected. */
export function piecewiseBuilder(initial = 0, capacity = 16): PiecewiseBuilder {
  let xs: Float64Array = new Float64Array(capacity)
  let ys: Float64Array = new Float64Array(capacity)
  let length = 0
  const grow = () => {
    xs = resized(xs, 2 * length + 16)
    ys = resized(ys, 2 * length + 16)
  }
  return {
    add(x, y) {
      if (length > 0 && xs[length - 1] === x) length--
      if (y === (length > 0 ? ys[length - 1] : initial)) return
      if (length === xs.length) grow()
      xs[length] = x
      ys[length++] = y
    },
    build: () => ({ initial, xs: resized(xs, length), ys: resized(ys, length) }),
  }
}

/** What a {@link PiecewiseBuilder} makes of breakpoints in columns. */
export function ofBreakpoints(initial: number, xs: Float64Array, ys: Float64Array): Piecewise {
  const [keptXs, keptYs] = [new Float64Array(xs.length), new Float64Array(xs.length)]
  let length = 0
  for (let i = 0; i < xs.length; i++) {
    if (length > 0 && keptXs[length - 1] === xs[i]) length--
    if (ys[i] === (length > 0 ? keptYs[length - 1] : initial)) continue
    keptXs[length] = xs[i]
    keptYs[length++] = ys[i]
  }
  return { initial, xs: resized(keptXs, length), ys: resized(keptYs, length) }
}

/** The function of breakpoints `[x, y]`, ascending in x. */
export function piecewise(breakpoints: Iterable<readonly [x: number, y: number]>, initial = 0): Piecewise {
  const builder = piecewiseBuilder(initial)
  for (const [x, y] of breakpoints) builder.add(x, y)
  return builder.build()
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

export const windowsOf = ({ start, end, step }: Grid): number => Math.max(0, Math.ceil((end - start) / step))

/** `operation` of both functions, at every point. */
export function combine(f: Piecewise, g: Piecewise, operation: (a: number, b: number) => number): Piecewise {
  const initial = operation(f.initial, g.initial)
  const [fxs, gxs] = [f.xs, g.xs]
  const xs = new Float64Array(fxs.length + gxs.length)
  const ys = new Float64Array(xs.length)
  let length = 0
  let [a, b, last] = [f.initial, g.initial, initial]
  for (let i = 0, j = 0; i < fxs.length || j < gxs.length; ) {
    const x = j === gxs.length || (i < fxs.length && fxs[i] <= gxs[j]) ? fxs[i] : gxs[j]
    if (i < fxs.length && fxs[i] === x) a = f.ys[i++]
    if (j < gxs.length && gxs[j] === x) b = g.ys[j++]
    const y = operation(a, b)
    if (y === last) continue
    xs[length] = x
    ys[length++] = y
    last = y
  }
  return { initial, xs: xs.slice(0, length), ys: ys.slice(0, length) }
}

export const add = (f: Piecewise, g: Piecewise): Piecewise => combine(f, g, (a, b) => a + b)
export const subtract = (f: Piecewise, g: Piecewise): Piecewise => combine(f, g, (a, b) => a - b)
export const multiply = (f: Piecewise, g: Piecewise): Piecewise => combine(f, g, (a, b) => a * b)
/** Where the divisor is 0 the quotient is 0. */
export const divide = (f: Piecewise, g: Piecewise): Piecewise => combine(f, g, (a, b) => (b === 0 ? 0 : a / b))
export const maximum = (f: Piecewise, g: Piecewise): Piecewise => combine(f, g, Math.max)
export const scale = (f: Piecewise, factor: number): Piecewise => map(f, (y) => y * factor)

/** `operation` of every value. */
export function map(f: Piecewise, operation: (y: number) => number): Piecewise {
  const ys = new Float64Array(f.ys.length)
  for (let i = 0; i < ys.length; i++) ys[i] = operation(f.ys[i])
  return ofBreakpoints(operation(f.initial), f.xs, ys)
}

/** The sum of all, added in pairs: n log k steps and rounding of log k additions for n breakpoints of k functions. */
export function sum(functions: Iterable<Piecewise>): Piecewise {
  // Level i holds the sum of 2^i functions, or nothing, as the digits of a binary counter.
  const levels: (Piecewise | undefined)[] = []
  for (const f of functions) {
    let carried = f
    let level = 0
    for (; levels[level] !== undefined; level++) {
      carried = add(levels[level] as Piecewise, carried)
      levels[level] = undefined
    }
    levels[level] = carried
  }
  return levels.reduce<Piecewise>((total, f) => (f ? add(f, total) : total), constant(0))
}

/** The function inside `[start, end)`, with its value at `start` as the initial one. */
export function restrict(f: Piecewise, { start, end }: { start: number; end: number }): Piecewise {
  const from = countUpTo(f.xs, start)
  let to = countUpTo(f.xs, end, from)
  if (to > from && f.xs[to - 1] === end) to--
  return { initial: valueAt(f, start), xs: f.xs.subarray(from, to), ys: f.ys.subarray(from, to) }
}

/** Whether no number is less than the one before. */
export function isAscending(xs: ArrayLike<number>): boolean {
  for (let i = 1; i < xs.length; i++) if (xs[i - 1] > xs[i]) return false
  return true
}

const ascendingOrder = (xs: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: xs.length }, (_, i) => i).sort((a, b) => xs[a] - xs[b] || a - b)

/** A copy of exactly `length` numbers. */
function resized(numbers: Float64Array, length: number): Float64Array {
  if (numbers.length === length) return numbers
  const copy = new Float64Array(length)
  copy.set(length < numbers.length ? numbers.subarray(0, length) : numbers)
  return copy
}
