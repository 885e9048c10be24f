import type { Draw } from './continuous.ts'
import { logFactorial } from './log-factorial.ts'
import type { PythonRandom } from './python-random.ts'

/** Whole numbers from `start` up or down to `stop`, which is not one of them. */
export interface Steps {
  readonly start: number
  /** Null: from 0 to `start`. */
  readonly stop: number | null
  readonly step: number
}

/** How many numbers {@link randrange} chooses from. */
export function stepCount({ start, stop, step }: Steps): number {
  const width = stop === null ? start : stop - start
  return Math.max(0, Math.floor((width + step - Math.sign(step)) / step))
}

export function randrange({ below }: PythonRandom, steps: Steps): Draw {
  const first = steps.stop === null ? 0 : steps.start
  const count = stepCount(steps)
  return () => first + steps.step * below(count)
}

export const randint = (random: PythonRandom, { a, b }: { readonly a: number; readonly b: number }): Draw =>
  randrange(random, { start: a, stop: b + 1, step: 1 })

export const choice =
  <T>({ below }: PythonRandom, { seq }: { readonly seq: readonly T[] }): (() => T) =>
  () =>
    seq[below(seq.length)]

export interface Choices<T> {
  readonly population: readonly T[]
  readonly weights?: readonly number[] | null
  readonly cum_weights?: readonly number[] | null
  readonly k?: number
}

/** The running sums that {@link choices} draws by, or undefined where everything weighs the same. */
export function cumulativeWeights({ weights, cum_weights }: Choices<unknown>): readonly number[] | undefined {
  if (cum_weights) return cum_weights
  let total = 0
  return weights?.map((weight) => (total += weight))
}

/** `k` members of a population, each drawn from the whole of it. */
export function choices<T>({ random }: PythonRandom, parameters: Choices<T>): () => T[] {
  const { population, k = 1 } = parameters
  const sums = cumulativeWeights(parameters)
  const last = population.length - 1
  const index = sums
    ? () => firstAbove(sums, random() * sums[last], last)
    : () => Math.floor(random() * population.length)
  return () => Array.from({ length: k }, () => population[index()])
}

/** The first index below `high` whose sum is above `value`, else `high`. */
function firstAbove(sums: readonly number[], value: number, high: number): number {
  let low = 0
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (value < sums[middle]) high = middle
    else low = middle + 1
  }
  return low
}

/** `k` members of a population at different positions, in the order in which they are drawn. */
export function sample<T>({ below }: PythonRandom, population: readonly T[], k: number): T[] {
  const n = population.length
  if (n > poolLimit(k)) return sampleOfMany(below, population, k)
  const pool = [...population]
  return Array.from({ length: k }, (_, i) => {
    const chosen = below(n - i)
    const member = pool[chosen]
    pool[chosen] = pool[n - i - 1]
    return member
  })
}

/** The largest population that CPython copies to sample from: it weighs a list against a set of the positions taken. */
const poolLimit = (k: number): number => 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 0)

function sampleOfMany<T>(below: PythonRandom['below'], population: readonly T[], k: number): T[] {
  const taken = new Set<number>()
  while (taken.size < k) taken.add(below(population.length))
  return Array.from(taken, (position) => population[position])
}

/** Successes of `n` trials that each succeed with probability `p`, as Python draws them since 3.12. */
export function binomialvariate(source: PythonRandom, { n, p }: { readonly n: number; readonly p: number }): Draw {
  const { random } = source
  if (p === 0 || p === 1) return () => n * p
  if (n === 1) return () => (random() < p ? 1 : 0)
  if (p <= 0.5) return n * p < 10 ? geometricGaps(random, n, p) : transformedRejection(random, n, p)
  const failures = binomialvariate(source, { n, p: 1 - p })
  return () => n - failures()
}

/** Devroye's method: adds up the gaps between successes. */
function geometricGaps(random: Draw, n: number, p: number): Draw {
  const scale = Math.log2(1 - p)
  if (scale === 0) return () => 0
  return () => {
    let successes = 0
    for (let trials = gap(); trials <= n; trials += gap()) successes++
    return successes
  }
  function gap() {
    return Math.floor(Math.log2(random()) / scale) + 1
  }
}

/** Hörmann's BTRS (1993), with the logarithm of v that the paper leaves out. */
function transformedRejection(random: Draw, n: number, p: number): Draw {
  const deviation = Math.sqrt(n * p * (1 - p))
  const b = 1.15 + 2.53 * deviation
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const c = n * p + 0.5
  const vr = 0.92 - 4.2 / b
  const alpha = (2.83 + 5.1 / b) * deviation
  const logOdds = Math.log(p / (1 - p))
  const mode = Math.floor((n + 1) * p)
  const h = logFactorial(mode) + logFactorial(n - mode)
  return () => {
    for (;;) {
      const u = random() - 0.5
      const us = 0.5 - Math.abs(u)
      const k = Math.floor(((2 * a) / us + b) * u + c)
      if (k < 0 || k > n) continue
      const v = random()
      if (us >= 0.07 && v <= vr) return k
      const bound = h - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds
      if (Math.log(v * (alpha / (a / (us * us) + b))) <= bound) return k
    }
  }
}
