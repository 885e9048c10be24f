import { describe, expect, it } from 'vitest'
import * as continuous from '../../src/random/continuous.ts'
import * as discrete from '../../src/random/discrete.ts'
import { type PythonRandom, pythonRandom } from '../../src/random/python-random.ts'
import type { Seed } from '../../src/random/seed.ts'
import { hasPython, pythonBeside } from '../support/python.ts'

const draws = 10_000

const seeds: readonly Seed[] = [
  0n,
  1n,
  -1n,
  42n,
  -42n,
  1512115200n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 64n + 1n,
  -(2n ** 100n),
  10n ** 50n,
  '1234',
  '0',
  '',
  '-5',
  'seed with spaces',
  'ümlaut',
  '日本語',
  '😀',
  'long '.repeat(1_000),
]

interface Case {
  /** Only + − × ÷ √ and whole numbers: bit-identical. Others may differ in their last bits, an angle by as little of a turn. */
  readonly exact: boolean
  readonly call: string
  readonly draw: (random: PythonRandom) => () => number | readonly number[]
}

const list = [3, 1, 4, 1, 5, 9, 2, 6]
const weights = [1, 2, 3, 4, 0.5, 0.25, 8, 2]
const hundred = Array.from({ length: 100 }, (_, i) => i)

const cases: readonly Case[] = [
  { exact: true, call: 'random.random()', draw: (r) => r.random },
  { exact: true, call: 'random.uniform(a=-3.5, b=7.25)', draw: (r) => continuous.uniform(r, { a: -3.5, b: 7.25 }) },
  { exact: true, call: 'random.randint(a=10, b=50)', draw: (r) => discrete.randint(r, { a: 10, b: 50 }) },
  { exact: true, call: 'random.randint(a=1, b=1)', draw: (r) => discrete.randint(r, { a: 1, b: 1 }) },
  {
    exact: true,
    call: 'random.randint(-2**40, 2**52)',
    draw: (r) => discrete.randint(r, { a: -(2 ** 40), b: 2 ** 52 }),
  },
  { exact: true, call: 'random.randrange(10)', draw: (r) => discrete.randrange(r, { start: 10, stop: null, step: 1 }) },
  {
    exact: true,
    call: 'random.randrange(3, 50, 7)',
    draw: (r) => discrete.randrange(r, { start: 3, stop: 50, step: 7 }),
  },
  {
    exact: true,
    call: 'random.randrange(50, 3, -7)',
    draw: (r) => discrete.randrange(r, { start: 50, stop: 3, step: -7 }),
  },
  { exact: true, call: 'random.choice(seq=LIST)', draw: (r) => discrete.choice(r, { seq: list }) },
  { exact: true, call: 'random.choices(LIST)', draw: (r) => discrete.choices(r, { population: list }) },
  {
    exact: true,
    call: 'random.choices(LIST, WEIGHTS, k=3)',
    draw: (r) => discrete.choices(r, { population: list, weights, k: 3 }),
  },
  {
    exact: true,
    call: 'random.choices(LIST, cum_weights=[1,2,3,4,5,6,7,9])',
    draw: (r) => discrete.choices(r, { population: list, cum_weights: [1, 2, 3, 4, 5, 6, 7, 9] }),
  },
  { exact: true, call: 'random.sample(LIST, 5)', draw: (r) => () => discrete.sample(r, list, 5) },
  { exact: true, call: 'random.sample(range(100), 5)', draw: (r) => () => discrete.sample(r, hundred, 5) },
  { exact: true, call: 'random.sample(range(100), 12)', draw: (r) => () => discrete.sample(r, hundred, 12) },
  { exact: true, call: 'random.triangular()', draw: (r) => continuous.triangular(r, { low: 0, high: 1, mode: null }) },
  {
    exact: true,
    call: 'random.triangular(0, 10, 3)',
    draw: (r) => continuous.triangular(r, { low: 0, high: 10, mode: 3 }),
  },
  {
    exact: true,
    call: 'random.triangular(2, 2, 2)',
    draw: (r) => continuous.triangular(r, { low: 2, high: 2, mode: 2 }),
  },
  { exact: false, call: 'random.expovariate(lambd=0.5)', draw: (r) => continuous.expovariate(r, { lambd: 0.5 }) },
  { exact: false, call: 'random.gauss(mu=10, sigma=2)', draw: (r) => continuous.gauss(r, { mu: 10, sigma: 2 }) },
  { exact: false, call: 'random.normalvariate(10, 2)', draw: (r) => continuous.normalvariate(r, { mu: 10, sigma: 2 }) },
  { exact: false, call: 'random.lognormvariate(0, 1)', draw: (r) => continuous.lognormvariate(r, { mu: 0, sigma: 1 }) },
  {
    exact: false,
    call: 'random.gammavariate(2.5, 1.5)',
    draw: (r) => continuous.gammavariate(r, { alpha: 2.5, beta: 1.5 }),
  },
  {
    exact: false,
    call: 'random.gammavariate(1, 1.5)',
    draw: (r) => continuous.gammavariate(r, { alpha: 1, beta: 1.5 }),
  },
  {
    exact: false,
    call: 'random.gammavariate(0.5, 1.5)',
    draw: (r) => continuous.gammavariate(r, { alpha: 0.5, beta: 1.5 }),
  },
  { exact: false, call: 'random.betavariate(2, 3)', draw: (r) => continuous.betavariate(r, { alpha: 2, beta: 3 }) },
  { exact: false, call: 'random.paretovariate(3)', draw: (r) => continuous.paretovariate(r, { alpha: 3 }) },
  {
    exact: false,
    call: 'random.weibullvariate(1, 2)',
    draw: (r) => continuous.weibullvariate(r, { alpha: 1, beta: 2 }),
  },
  {
    exact: false,
    call: 'random.vonmisesvariate(0, 4)',
    draw: (r) => continuous.vonmisesvariate(r, { mu: 0, kappa: 4 }),
  },
  {
    exact: false,
    call: 'random.vonmisesvariate(1, 0)',
    draw: (r) => continuous.vonmisesvariate(r, { mu: 1, kappa: 0 }),
  },
  { exact: true, call: 'binomialvariate(1, 0.3)', draw: (r) => discrete.binomialvariate(r, { n: 1, p: 0.3 }) },
  { exact: true, call: 'binomialvariate(20, 0.3)', draw: (r) => discrete.binomialvariate(r, { n: 20, p: 0.3 }) },
  { exact: true, call: 'binomialvariate(100, 0.3)', draw: (r) => discrete.binomialvariate(r, { n: 100, p: 0.3 }) },
  {
    exact: true,
    call: 'binomialvariate(100000, 0.8)',
    draw: (r) => discrete.binomialvariate(r, { n: 100_000, p: 0.8 }),
  },
  { exact: true, call: 'binomialvariate(5, 1.0)', draw: (r) => discrete.binomialvariate(r, { n: 5, p: 1 }) },
]

/** Python 3.11 has no binomialvariate: this is what 3.12 does, statement by statement. */
const script = `
import json, random, struct, sys
from math import floor, fabs, lgamma, log, log2, sqrt
LIST = ${JSON.stringify(list)}
WEIGHTS = ${JSON.stringify(weights)}

def binomialvariate(n, p):
    if p == 0.0: return 0
    if p == 1.0: return n
    if n == 1: return int(random.random() < p)
    if p > 0.5: return n - binomialvariate(n, 1.0 - p)
    if n * p < 10.0:
        x = y = 0
        c = log2(1.0 - p)
        if not c: return x
        while True:
            y += floor(log2(random.random()) / c) + 1
            if y > n: return x
            x += 1
    spq = sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spq
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    vr = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spq
    lpq = log(p / (1.0 - p))
    m = floor((n + 1) * p)
    h = lgamma(m + 1) + lgamma(n - m + 1)
    while True:
        u = random.random() - 0.5
        us = 0.5 - fabs(u)
        k = floor((2.0 * a / us + b) * u + c)
        if k < 0 or k > n: continue
        v = random.random()
        if us >= 0.07 and v <= vr: return k
        v *= alpha / (a / (us * us) + b)
        if log(v) <= h - lgamma(k + 1) - lgamma(n - k + 1) + (k - m) * lpq: return k

given = json.load(sys.stdin)
draw = eval('lambda: ' + given['call'])
for kind, text in given['seeds']:
    random.seed(int(text) if kind == 'int' else text)
    values = draw()
    if isinstance(values, list):
        while len(values) < given['draws']: values.extend(draw())
    else:
        values = [values] + [draw() for _ in range(given['draws'] - 1)]
    values.append(random.random())
    sys.stdout.buffer.write(struct.pack('<%dd' % len(values), *values))
`

const pythonSeeds = seeds.map((seed) => (typeof seed === 'bigint' ? ['int', `${seed}`] : ['str', seed]))

/** What Python draws, seed after seed; each ends with the number that the generator gives next. */
async function drawn(call: string): Promise<Float64Array> {
  const bytes = await pythonBeside(script, { call, draws, seeds: pythonSeeds })
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

function ours({ draw }: Case): number[] {
  return seeds.flatMap((seed) => {
    const random = pythonRandom(seed)
    const next = draw(random)
    const values: number[] = []
    while (values.length < draws) {
      const value = next()
      if (typeof value === 'number') values.push(value)
      else values.push(...value)
    }
    values.push(random.random())
    return values
  })
}

/** Relative, but never finer than 1e-12 of a whole turn for angles near 0, where acos magnifies the last bit of its argument. */
function isClose(a: number, b: number, { exact, call }: Case): boolean {
  if (exact) return a === b
  const scale = call.includes('vonmises') ? 2 * Math.PI : Math.max(Math.abs(a), Math.abs(b))
  return Math.abs(a - b) <= 1e-12 * scale
}

describe.skipIf(!hasPython)(`${draws} draws for each of ${seeds.length} seeds, and the number after them`, () => {
  it.each(cases)('are those of CPython: $call', async (example) => {
    const theirs = drawn(example.call)
    const actual = ours(example)
    const expected = await theirs
    expect(actual.length).toBe(expected.length)
    const wrong = actual.findIndex((value, i) => !isClose(value, expected[i], example))
    expect(wrong < 0 ? 'equal' : `draw ${wrong}: ${actual[wrong]}, CPython gives ${expected[wrong]}`).toBe('equal')
  })
})
