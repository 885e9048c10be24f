import { Kind } from '../metric/points.ts'
import { type BatchBuilder, noKey } from '../metrics-file/batch.ts'
import type { Draw } from '../random/continuous.ts'
import { sample } from '../random/discrete.ts'
import type { PythonRandom } from '../random/python-random.ts'
import { day, type Time } from '../time/range.ts'
import { distributions, givesIntegers } from './distributions.ts'
import type { RandomBlock, SumBlock, Term } from './schema.ts'

/** The values of a metric as a function of time; each call draws what it needs. */
export interface ValueFunction {
  readonly isInteger: boolean
  at(time: Time): number
}

export function constantValue(value: number): ValueFunction {
  return { isInteger: Number.isInteger(value), at: () => value }
}

export function drawOf({ distribution, params }: RandomBlock, random: PythonRandom): Draw {
  return distributions[distribution].draw(random, params as never)
}

export function randomValue(block: RandomBlock, random: PythonRandom): ValueFunction {
  return { isInteger: givesIntegers(block.distribution, block.params), at: drawOf(block, random) }
}

/** Adds up terms, in their order; then clamps, then rounds. */
export function sumValue({ sum, clamp, round }: SumBlock, random: PythonRandom, start: Time): ValueFunction {
  const terms = sum.map((term) => termAt(term, random, start))
  const low = clamp?.min ?? Number.NEGATIVE_INFINITY
  const high = clamp?.max ?? Number.POSITIVE_INFINITY
  const scale = round === undefined ? undefined : 10 ** round
  return {
    isInteger: round === 0,
    at(time) {
      let total = 0
      for (const term of terms) total += term(time)
      const value = Math.min(Math.max(total, low), high)
      // Adding 0 makes 0 of -0.
      return scale === undefined ? value : Math.round(value * scale) / scale + 0
    },
  }
}

type TermFunction = (time: Time) => number

function termAt(term: Term, random: PythonRandom, start: Time): TermFunction {
  if ('constant' in term) return () => term.constant
  if ('sine' in term) {
    const { period, amplitude, phase } = term.sine
    return (time) => amplitude * Math.sin((2 * Math.PI * (time - phase)) / period)
  }
  if ('weekly' in term) return (time) => term.weekly[weekday(time)]
  if ('trend' in term) return (time) => (term.trend.change * (time - start)) / term.trend.per
  if ('ar1' in term) return autoregression(term.ar1, random)
  return drawOf(term, random)
}

/** 0 for Monday to 6 for Sunday, in UTC; the epoch was a Thursday. */
export const weekday = (time: Time): number => (((Math.floor(time / day) + 3) % 7) + 7) % 7

/** x = phi · x + gauss(0, sigma), from 0: noise that remembers. */
function autoregression({ phi, sigma }: { phi: number; sigma: number }, random: PythonRandom): TermFunction {
  let state = 0
  return () => {
    state = phi * state + random.standardGauss() * sigma
    return state
  }
}

/** Writes a point's value, or its values by key, into a builder. */
export type PointWriter = (builder: BatchBuilder, time: Time) => void

/** @param check called for every value */
export function numberWriter(
  { isInteger, at }: ValueFunction,
  check: (value: number, time: Time) => void,
): PointWriter {
  return (builder, time) => {
    const value = at(time)
    check(value, time)
    builder.point(time)
    builder.value(value, kindOf(value, isInteger), noKey)
  }
}

/** As Clusterman: between one and all of the keys, sampled for each point, each with its own value. */
export function keyedWriter(
  { isInteger, at }: ValueFunction,
  { keys, random }: { keys: readonly string[]; random: PythonRandom },
  check: (value: number, time: Time) => void,
): PointWriter {
  return (builder, time) => {
    const chosen = sample(random, keys, 1 + random.below(keys.length))
    const numbers = new Map<string, number>()
    for (const key of chosen) {
      const value = at(time)
      check(value, time)
      numbers.set(key, value)
    }
    builder.point(time)
    for (const [key, value] of numbers) builder.value(value, kindOf(value, isInteger), builder.keyId(key))
  }
}

export function kindOf(value: number, isInteger: boolean): Kind {
  if (!isInteger) return Kind.double
  return value === (value | 0) ? Kind.int32 : Kind.int64
}
