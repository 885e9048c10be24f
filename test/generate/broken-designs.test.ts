import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateData } from '../../src/generate/generate-data.ts'
import type { UserError } from '../../src/util/errors.ts'
import { temporaryFolder } from '../support/folders.ts'
import { now, oneMetric } from './generated.ts'

const input = join(temporaryFolder(), 'design.yaml')
const output = join(dirname(input), 'out.json.gz')

async function problem(design: string): Promise<string> {
  writeFileSync(input, design)
  const options = { seed: 1n, compat: false, format: 'plain', timezone: 'UTC', now, maxPoints: 10_000 } as const
  const error = (await generateData({ input, output, ...options }).catch((thrown) => thrown)) as UserError
  expect(error).toMatchObject({ name: 'UserError', exitCode: 2 })
  return error.message.replaceAll(input, 'design.yaml')
}

/** A metric's fields, which start in line 4, and the message they get. */
const fields: readonly (readonly [fields: string, message: string])[] = [
  ['frequency: 1m', '2:3: m.values: expected a number, a distribution, a function or a sum, got nothing'],
  ['values: 1', '1:1: m: random and constant values need a frequency, such as 1m'],
  ['frequency: 1m\nvalus: 1', '5:3: m.valus: unknown field valus; did you mean values?'],
  ['frequency: 1m\nvalues: 1\ndict_key: [a]', '6:3: m.dict_key: unknown field dict_key; did you mean dict_keys?'],
  ['frequency: 1m\nvalues: 1\ncolour: red', '6:3: m.colour: unknown field colour'],
  [
    'frequency: 60\nvalues: 1',
    '4:3: m.frequency: expected a duration such as 1m, a distribution, or historical, got 60',
  ],
  ['frequency: "60"\nvalues: 1', 'add a unit: 60s for seconds, 60m for minutes'],
  ['frequency: 1:30\nvalues: 1', 'write hours and minutes with units, such as 1h30m'],
  ['frequency: 1M\nvalues: 1', 'M could be minutes or months: write m for minutes'],
  ['frequency: 1 month\nvalues: 1', 'months and years have no fixed length'],
  [
    'frequency: soon\nvalues: 1',
    '4:3: m.frequency: invalid duration: expected a length such as 90s, 5m, 1h30m, 7d or PT5M, got soon',
  ],
  ['frequency: 0s\nvalues: 1', '4:3: m.frequency: expected a duration above 0, got "0s"'],
  ['frequency: 0.1ms\nvalues: 1', 'expected whole milliseconds, got 0.1ms'],
  ['frequency: -5m\nvalues: 1', 'invalid duration'],
  ['frequency: []\nvalues: 1', 'm.frequency: expected a duration such as 1m, a distribution, or historical, got none'],
  ['frequency: historical\nvalues: 1', '4:3: m.frequency: random and constant values need a frequency, such as 1m'],
  ['frequency: 1ms\nvalues: 1', 'the design makes more than 10000 points'],
  ['frequency: {distribution: uniform, params: {a: 0, b: 0.1}}\nvalues: 1', 'the design makes more than 10000 points'],
  [
    'frequency: {distribution: uniform, params: {a: -10, b: -1}}\nvalues: 1',
    '4:3: m.frequency: expected gaps of 0 seconds or more, got -',
  ],
  [
    'frequency: {distribution: gauss, params: {mu: 0, sigma: 1}}\nvalues: 1',
    'm.frequency: expected gaps of 0 seconds or more, got -',
  ],
  [
    'frequency: {distribution: exponential}\nvalues: 1',
    '4:15: m.frequency.distribution: unknown distribution exponential; expected random, uniform',
  ],
  [
    'frequency: 1m\nvalues: {distribution: gaus, params: {mu: 1}}',
    '5:12: m.values.distribution: unknown distribution gaus; did you mean gauss?',
  ],
  ['frequency: 1m\nvalues: {distribution: Uniform, params: {a: 1, b: 2}}', 'did you mean uniform?'],
  ['frequency: 1m\nvalues: {distribution: shuffle, params: {x: [1]}}', 'shuffle gives no number'],
  ['frequency: 1m\nvalues: {distribution: 7}', 'm.values.distribution: expected the name of a distribution, got 7'],
  ['frequency: 1m\nvalues: {params: {a: 1}}', '5:20: m.values.params.b: is missing: expected a number'],
  ['frequency: 1m\nvalues: {distribution: uniform}', 'm.values.params.a: is missing: expected a number'],
  ['frequency: 1m\nvalues: {distribution: uniform, params: null}', 'm.values.params: expected an object, got nothing'],
  ['frequency: 1m\nvalues: {distribution: uniform, params: [0, 1]}', 'm.values.params: expected an object, got [0,1]'],
  ['frequency: 1m\nvalues: {distribution: uniform, params: {a: 0, c: 1}}', 'm.values.params.c: unknown field c'],
  [
    'frequency: 1m\nvalues: {distribution: uniform, params: {a: 0, b: "1"}}',
    'm.values.params.b: expected a number, got "1"',
  ],
  [
    'frequency: 1m\nvalues: {distribution: uniform, params: {a: 0, b: .inf}}',
    'm.values.params.b: expected a number, got Infinity',
  ],
  [
    'frequency: 1m\nvalues: {distribution: expovariate, params: {lambda: 1}}',
    'unknown field lambda; did you mean lambd?',
  ],
  [
    'frequency: 1m\nvalues: {distribution: expovariate, params: {lambd: 0}}',
    'm.values.params.lambd: expected a number other than 0, got 0',
  ],
  [
    'frequency: 1m\nvalues: {distribution: randint, params: {a: 5, b: 1}}',
    'm.values.params: expected a that is not above b, got {"a":5,"b":1}',
  ],
  [
    'frequency: 1m\nvalues: {distribution: randint, params: {a: 1.5, b: 2}}',
    'm.values.params.a: expected a whole number, got 1.5',
  ],
  [
    'frequency: 1m\nvalues: {distribution: randrange, params: {start: 0}}',
    'm.values.params: expected a range that is not empty',
  ],
  [
    'frequency: 1m\nvalues: {distribution: randrange, params: {start: 1, stop: 5, step: 0}}',
    'm.values.params.step: expected a step other than 0',
  ],
  [
    'frequency: 1m\nvalues: {distribution: choice, params: {seq: []}}',
    'm.values.params.seq: expected at least 1 of them, got none',
  ],
  [
    'frequency: 1m\nvalues: {distribution: choice, params: {seq: [a]}}',
    'm.values.params.seq.0: expected a number, got "a"',
  ],
  [
    'frequency: 1m\nvalues: {distribution: choices, params: {population: [1, 2], weights: [1]}}',
    'expected as many weights as there are members',
  ],
  [
    'frequency: 1m\nvalues: {distribution: choices, params: {population: [1, 2], k: 2}}',
    'm.values.params.k: expected 1: a value is one number',
  ],
  [
    'frequency: 1m\nvalues: {distribution: gammavariate, params: {alpha: 0, beta: 1}}',
    'm.values.params.alpha: expected more than 0, got 0',
  ],
  [
    'frequency: 1m\nvalues: {distribution: triangular, params: {mode: 2}}',
    'm.values.params.mode: expected a mode from low to high',
  ],
  [
    'frequency: 1m\nvalues: {distribution: binomialvariate, params: {p: 1.5}}',
    'm.values.params.p: expected at most 1, got 1.5',
  ],
  [
    'frequency: 1m\nvalues: {distribution: lognormvariate, params: {mu: 800, sigma: 0}}',
    'm.values: expected a finite number, got Infinity at 2017-12-01T08:00:00Z',
  ],
  ['frequency: 1m\nvalues: .nan', 'm.values: expected a number, a distribution, a function or a sum, got NaN'],
  ['frequency: 1m\nvalues: [1, 2]', 'm.values: expected a number, a distribution, a function or a sum, got [1,2]'],
  ['frequency: 1m\nvalues: "7"', 'm.values: expected a number, got "7"'],
  ['frequency: 1m\nvalues: yes', 'm.values: expected a number, got "yes"'],
  ['frequency: 1m\nvalues: {sum: []}', 'm.values.sum: expected at least 1 of them, got none'],
  [
    'frequency: 1m\nvalues: {sum: [{constnt: 1}]}',
    '5:19: m.values.sum.0.constnt: unknown field constnt; did you mean constant?',
  ],
  [
    'frequency: 1m\nvalues: {sum: [{sine: {period: 1d}}]}',
    'm.values.sum.0.sine.amplitude: is missing: expected a number',
  ],
  [
    'frequency: 1m\nvalues: {sum: [{sine: {period: 0s, amplitude: 1}}]}',
    'm.values.sum.0.sine.period: expected a duration above 0',
  ],
  [
    'frequency: 1m\nvalues: {sum: [{weekly: [1, 2]}]}',
    'm.values.sum.0.weekly: expected seven numbers, from Monday to Sunday',
  ],
  ['frequency: 1m\nvalues: {sum: [{ar1: {phi: 1, sigma: 1}}]}', 'm.values.sum.0.ar1.phi: expected less than 1, got 1'],
  [
    'frequency: 1m\nvalues: {sum: [{constant: 1}], clamp: {min: 2, max: 1}}',
    'm.values.clamp: expected min that is not above max',
  ],
  ['frequency: 1m\nvalues: {sum: [{constant: 1}], round: 0.5}', 'm.values.round: expected a whole number, got 0.5'],
  ['frequency: 1m\nvalues: 1\ndict_keys: []', 'm.dict_keys: expected at least 1 of them, got none'],
  ['frequency: 1m\nvalues: 1\ndict_keys: [a, a]', 'm.dict_keys.1: a stands twice'],
  ['frequency: 1m\nvalues: 1\ndict_keys: abc', 'm.dict_keys: expected a list, got "abc"'],
  ['frequency: 1m\nvalues: 1\ngaps: 2', 'm.gaps: expected at most 1, got 2'],
  ['frequency: 1m\nvalues: 1\nlate: {probability: 0.5}', 'm.late.by: is missing: expected a duration such as'],
  ['values: {function: "2*x"}', 'm.values: expected metric or metrics, one of them'],
  ['values: {function: "2*x", metric: gone}', 'm.values: no data for metric gone'],
  ['values: {function: "2*x", metric: gone, from: missing.json.gz}', 'metrics file not found: missing.json.gz'],
  [
    'values: {function: "2*", metric: x}',
    'm.values.function: invalid function: unexpected end of expression at position 3',
  ],
  [
    'values: {function: "2*y", metric: x}',
    'm.values.function: invalid function: unknown name y; did you mean x? at position 3',
  ],
  ['values: {function: "sqr(x)", metric: x}', 'unknown function sqr; did you mean sqrt? at position 1'],
  ['values: {function: "x = 2", metric: x}', 'expected arithmetic, got an assignment'],
  ['values: {function: "import(x)", metric: x}', 'unknown function import'],
  ['values: {function: "random()", metric: x}', 'unknown function random'],
  ['values: {function: "x.constructor", metric: x}', 'expected arithmetic'],
  ['values: {function: "\'a\'", metric: x}', 'expected numbers, got a text'],
  [
    'values: {function: x, metric: x, interpolate: cubic}',
    'm.values.interpolate: expected last or linear, got "cubic"',
  ],
  ['values: {function: "1", metrics: {}}', 'm.values.metrics: expected at least one metric, got {}'],
  ...['t', 'dt', 'prev', 'hour', 'weekday', 'max', 'mod', 'e', 'end', 'constructor', 'in', 'cpu-1', '10'].map(
    (name): [string, string] => [
      `values: {function: "1", metrics: {cpu: cpu, "${name}": other}}`,
      `4:47: m.values.metrics.${name}: expected a name that means nothing else in a function, such as x or cpu, got ${name}`,
    ],
  ),
  ['values: {function: x, metric: x}\ndict_keys: [a]', 'm.dict_keys: a function of existing data gives one number'],
]

/** Whole designs. */
const designs: readonly (readonly [design: string, message: string])[] = [
  ['', '1:1: expected metrics by name, got nothing'],
  ['- a', '1:1: expected metrics by name, got ["a"]'],
  ['{}', 'the design has no metrics'],
  ['m: 1', '1:1: m: expected the fields of a metric or metrics by name, got 1'],
  ['app_metrics:\n  m: 1', '2:3: app_metrics.m: expected an object, got 1'],
  ['app_metrics:', 'app_metrics: expected the fields of a metric or metrics by name, got nothing'],
  ['m: {start_time: now', 'design.yaml:1:'],
  ['m: &a [*a]', 'design.yaml'],
  ['m: *nowhere', 'unresolved alias'],
  [
    'm: &m {start_time: -1h, end_time: now, values: 1, frequency: 1m}\nt: {"a|z=1,b=2": *m, "a|b=2,z=1": *m}',
    '2:22: t.a|b=2,z=1: is the same series as t.a|z=1,b=2: design it once',
  ],
  ['m:\n\tvalues: 1', 'tabs'],
  ['a: {values: 1}\na: {values: 2}', '2:1: map keys must be unique'],
  ['m: {end_time: now, values: 1, frequency: 1m}', 'm.start_time: expected a time, got nothing'],
  [
    'm: {start_time: soon, end_time: now, values: 1, frequency: 1m}',
    'm.start_time: invalid time: cannot understand the whole of "soon"',
  ],
  [
    'm: {start_time: "2017-12-01 foo", end_time: now, values: 1, frequency: 1m}',
    'cannot understand the whole of "2017-12-01 foo"',
  ],
  [
    'm: {start_time: 1512115200, end_time: now, values: 1, frequency: 1m}',
    '1:5: m.start_time: ambiguous time: 1512115200 could be a date or seconds since 1970; write 2017-12-01T08:00:00Z',
  ],
  ['m: {start_time: [1], end_time: now, values: 1, frequency: 1m}', 'm.start_time: expected a time, got [1]'],
  ['m: {start_time: now, end_time: -1h, values: 1, frequency: 1m}', 'm.end_time: expected an end after the start'],
  ['m: {start_time: now, end_time: now, values: 1, frequency: 1m}', 'm.end_time: expected an end after the start'],
]

describe('a broken design', () => {
  it.each(fields)('with %j is refused: %s', async (text, message) => {
    expect(await problem(oneMetric(text))).toContain(message)
    expect(existsSync(output)).toBe(false)
  })

  it.each(designs)('%j is refused: %s', async (text, message) => {
    expect(await problem(text)).toContain(message)
    expect(readdirSync(dirname(input))).toEqual(['design.yaml'])
  })

  it('gives every problem with its place, also behind aliases and merges', async () => {
    const design = `a:\n  m: &base\n    start_time: now\n    frequency: 0s\n  n:\n    <<: *base\n    valus: 3\n`
    const lines = (await problem(design)).split('\n')
    expect(lines).toEqual([
      'design.yaml:3:5: a.m.end_time: expected a time, got nothing',
      'design.yaml:4:5: a.m.frequency: expected a duration above 0, got "0s"',
      'design.yaml:3:5: a.m.values: expected a number, a distribution, a function or a sum, got nothing',
      'design.yaml:6:5: a.n.end_time: expected a time, got nothing',
      'design.yaml:4:5: a.n.frequency: expected a duration above 0, got "0s"',
      'design.yaml:6:5: a.n.values: expected a number, a distribution, a function or a sum, got nothing',
      'design.yaml:7:5: a.n.valus: unknown field valus; did you mean values?',
    ])
  })
})
