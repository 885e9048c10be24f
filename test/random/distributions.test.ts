import { describe, expect, it } from 'vitest'
import * as continuous from '../../src/random/continuous.ts'
import * as discrete from '../../src/random/discrete.ts'
import { logFactorial } from '../../src/random/log-factorial.ts'
import { type PythonRandom, pythonRandom } from '../../src/random/python-random.ts'

const four = <T>(prepare: (random: PythonRandom) => () => T): T[] =>
  Array.from({ length: 4 }, prepare(pythonRandom('1234')))

/** Observed on CPython 3.8 with the string seed "1234". */
describe('the first four draws after random.seed("1234")', () => {
  it.each<[string, number[], (random: PythonRandom) => () => number]>([
    ['random()', [0.24836460312826447, 0.6493620891986445, 0.8579377205236765, 0.7050598818846704], (r) => r.random],
    ['randint(10, 50)', [25, 26, 49, 38], (r) => discrete.randint(r, { a: 10, b: 50 })],
    ['randint(1, 1)', [1, 1, 1, 1], (r) => discrete.randint(r, { a: 1, b: 1 })],
    ['choice([1, 2, 3])', [1, 3, 3, 2], (r) => discrete.choice(r, { seq: [1, 2, 3] })],
    [
      'expovariate(0.5)',
      [0.5710078343857933, 2.0960023622664865, 3.902979459341972, 2.4419658653740455],
      (r) => continuous.expovariate(r, { lambd: 0.5 }),
    ],
    [
      'gauss(10, 2)',
      [10.02975234956652, 12.895362541506886, 11.960808095701902, 7.566259037340648],
      (r) => continuous.gauss(r, { mu: 10, sigma: 2 }),
    ],
    [
      'normalvariate(10, 2)',
      [7.537702011502007, 14.163910310910133, 7.155991046620505, 10.385548798924125],
      (r) => continuous.normalvariate(r, { mu: 10, sigma: 2 }),
    ],
    [
      'gammavariate(0.5, 1.5)',
      [0.12969697356928256, 1.6342423884191022, 0.0004886140081009007, 0.7393639706317326],
      (r) => continuous.gammavariate(r, { alpha: 0.5, beta: 1.5 }),
    ],
    [
      'vonmisesvariate(0, 4)',
      [0.20448914998350964, 5.356729547381802, 5.635600054970188, 5.389247842036209],
      (r) => continuous.vonmisesvariate(r, { mu: 0, kappa: 4 }),
    ],
  ])('of %s are those of CPython', (_, expected, prepare) => {
    for (const [i, value] of four(prepare).entries()) expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-14)
  })

  it('of sample([1, 2, 3, 4], 2) are those of CPython', () => {
    expect(four((random) => () => discrete.sample(random, [1, 2, 3, 4], 2))).toEqual([
      [2, 3],
      [3, 4],
      [4, 1],
      [4, 2],
    ])
  })
})

describe('stepCount', () => {
  it.each([
    [{ start: 10, stop: null, step: 1 }, 10],
    [{ start: 3, stop: 50, step: 7 }, 7],
    [{ start: 50, stop: 3, step: -7 }, 7],
    [{ start: 3, stop: 3, step: 1 }, 0],
    [{ start: 3, stop: 1, step: 1 }, 0],
    [{ start: 0, stop: 1, step: 100 }, 1],
  ])('of %o is %d', (steps, count) => {
    expect(discrete.stepCount(steps)).toBe(count)
  })
})

describe('logFactorial', () => {
  it('is the sum of logarithms', () => {
    for (let n = 1, sum = 0; n < 5_000; n++) {
      sum += Math.log(n)
      expect(Math.abs(logFactorial(n) - sum)).toBeLessThanOrEqual(1e-12 * Math.max(1, sum))
    }
  })
})
