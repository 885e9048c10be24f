import { z } from 'zod'
import * as continuous from '../random/continuous.ts'
import * as discrete from '../random/discrete.ts'
import type { PythonRandom } from '../random/python-random.ts'

/** A function of Python's `random` that gives one number. */
interface Distribution {
  /** Its keyword arguments, with Python's names and defaults. */
  readonly params: z.ZodObject
  readonly isInteger: boolean
  /** Fixes parameters, which `params` has checked. */
  draw(random: PythonRandom, params: never): continuous.Draw
}

const number = z.number()
const whole = z.int()
const numbers = z.array(number).min(1)
const positive = z.number().positive()
const nonZero = z.number().refine((value) => value !== 0, 'expected a number other than 0')

const normal = z.strictObject({ mu: number.default(0), sigma: number.default(1) })
const weighted = z
  .strictObject({
    population: numbers,
    weights: z.array(z.number().nonnegative()).nullish(),
    cum_weights: z.array(z.number().nonnegative()).nullish(),
    k: z.literal(1, 'expected 1: a value is one number').default(1),
  })
  .refine(({ weights, cum_weights }) => !(weights && cum_weights), 'expected weights or cum_weights, got both')
  .refine(hasWeightForEach, 'expected as many weights as there are members of the population, and a sum above 0')

function hasWeightForEach(choices: { population: number[]; weights?: number[] | null; cum_weights?: number[] | null }) {
  const sums = discrete.cumulativeWeights(choices)
  return !sums || (sums.length === choices.population.length && sums[sums.length - 1] > 0)
}

const isNarrow = (width: number): boolean => width <= 2 ** 53

/** Every function of Python's `random` that gives a number, by name. */
export const distributions: Readonly<Record<string, Distribution>> = {
  random: { params: z.strictObject({}), isInteger: false, draw: ({ random }) => random },
  uniform: { params: z.strictObject({ a: number, b: number }), isInteger: false, draw: continuous.uniform },
  randint: {
    params: z
      .strictObject({ a: whole, b: whole })
      .refine(({ a, b }) => a <= b, 'expected a that is not above b')
      .refine(({ a, b }) => isNarrow(b - a + 1), 'expected a range of at most 2^53 numbers'),
    isInteger: true,
    draw: discrete.randint,
  },
  randrange: {
    params: z
      .strictObject({ start: whole, stop: whole.nullable().default(null), step: whole.default(1) })
      .refine(({ step }) => step !== 0, { message: 'expected a step other than 0', path: ['step'] })
      .refine((steps) => steps.step === 0 || discrete.stepCount(steps) > 0, 'expected a range that is not empty')
      .refine((steps) => steps.step === 0 || isNarrow(discrete.stepCount(steps)), 'expected at most 2^53 numbers'),
    isInteger: true,
    draw: discrete.randrange,
  },
  choice: { params: z.strictObject({ seq: numbers }), isInteger: false, draw: discrete.choice },
  choices: {
    params: weighted,
    isInteger: false,
    draw: (random, params: discrete.Choices<number>) => {
      const draw = discrete.choices(random, params)
      return () => draw()[0]
    },
  },
  sample: {
    params: z.strictObject({ population: numbers, k: z.literal(1, 'expected 1: a value is one number') }),
    isInteger: false,
    draw:
      (random, { population }: { population: number[] }) =>
      () =>
        discrete.sample(random, population, 1)[0],
  },
  triangular: {
    params: z
      .strictObject({ low: number.default(0), high: number.default(1), mode: number.nullable().default(null) })
      .refine(({ low, high, mode }) => mode === null || (mode - low) * (high - mode) >= 0, {
        message: 'expected a mode from low to high',
        path: ['mode'],
      }),
    isInteger: false,
    draw: continuous.triangular,
  },
  expovariate: {
    params: z.strictObject({ lambd: nonZero.default(1) }),
    isInteger: false,
    draw: continuous.expovariate,
  },
  gauss: { params: normal, isInteger: false, draw: continuous.gauss },
  normalvariate: { params: normal, isInteger: false, draw: continuous.normalvariate },
  lognormvariate: {
    params: z.strictObject({ mu: number, sigma: number }),
    isInteger: false,
    draw: continuous.lognormvariate,
  },
  gammavariate: {
    params: z.strictObject({ alpha: positive, beta: positive }),
    isInteger: false,
    draw: continuous.gammavariate,
  },
  betavariate: {
    params: z.strictObject({ alpha: positive, beta: positive }),
    isInteger: false,
    draw: continuous.betavariate,
  },
  paretovariate: { params: z.strictObject({ alpha: nonZero }), isInteger: false, draw: continuous.paretovariate },
  weibullvariate: {
    params: z.strictObject({ alpha: number, beta: nonZero }),
    isInteger: false,
    draw: continuous.weibullvariate,
  },
  vonmisesvariate: {
    params: z.strictObject({ mu: number, kappa: z.number().nonnegative() }),
    isInteger: false,
    draw: continuous.vonmisesvariate,
  },
  binomialvariate: {
    params: z.strictObject({ n: whole.nonnegative().default(1), p: z.number().min(0).max(1).default(0.5) }),
    isInteger: true,
    draw: discrete.binomialvariate,
  },
}

/** Whether every number that a distribution gives is an integer: it draws integers, or from a list that holds nothing else. */
export function givesIntegers(name: string, params: Readonly<Record<string, unknown>>): boolean {
  const list = params.seq ?? params.population
  return Array.isArray(list) ? list.every(Number.isInteger) : distributions[name].isInteger
}
