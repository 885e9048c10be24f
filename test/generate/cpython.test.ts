import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Seed } from '../../src/random/seed.ts'
import type { Points } from '../metrics-file/metrics.ts'
import { hasPython, pythonBeside } from '../support/python.ts'
import { sharedData } from '../support/shared.ts'
import { generated } from './generated.ts'

/** The rules of docs/generate-data.md, and those of Clusterman, over Python's own `random`. */
const twin = `
import datetime, json, random, sys
given = json.load(sys.stdin)
compat = given['compat']
STEPS = {'1m': 60, '90s': 90, '1.5s': 1 if compat else 1.5}

def call(source, block):
    return getattr(source, block['distribution'])(**block.get('params', {}))

def value(source, values):
    return call(source, values) if isinstance(values, dict) else int(values) if compat else values

def instant(text):
    time = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    if compat and '+' not in text: time = time.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-8)))
    return time.timestamp()

def points(metric, source):
    start, end = instant(metric['start_time']), instant(metric['end_time'])
    elapsed, last, out = 0.0, None, []
    while start + elapsed < end:
        time = int(start * 1000) + int(elapsed * 1000)
        if not compat and last is not None and time <= last: time = last + 1
        if not compat and time >= end * 1000: break
        if compat: time = time // 1000 * 1000
        last = time
        if 'dict_keys' in metric:
            keys = source.sample(metric['dict_keys'], source.randint(1, len(metric['dict_keys'])))
            made = {key: value(source, metric['values']) for key in keys}
        else:
            made = value(source, metric['values'])
        out.append([time, made])
        if isinstance(metric['frequency'], str): elapsed += STEPS[metric['frequency']]
        else:
            gap = call(source, metric['frequency'])
            elapsed += int(gap) + 1 if compat else gap
    return out

def generate(seed):
    everything = random.Random(seed)
    out = {}
    for kind, metrics in given['design']:
        out[kind] = {}
        for name, metric in metrics:
            source = everything if compat else random.Random(f'{seed}/{kind}/{name}')
            out[kind][name] = points(metric, source)
    return out

json.dump([generate(int(seed[1:]) if seed[0] == '#' else seed[1:]) for seed in given['seeds']], sys.stdout)
`

const everyKind = `
metadata:
  uniform: &uniform
    start_time: "2017-12-01T08:00:00Z"
    end_time: "2017-12-01T18:00:00Z"
    frequency: {distribution: expovariate, params: {lambd: 0.02}}
    values: {distribution: uniform, params: {a: 0, b: 1}}
  gauss: {<<: *uniform, values: {distribution: gauss, params: {mu: 10, sigma: 2}}}
  gaps of gauss: {<<: *uniform, frequency: {distribution: gauss, params: {mu: 30, sigma: 2}}}
  crowded: {<<: *uniform, end_time: "2017-12-01T08:00:01+00:00", start_time: "2017-12-01T08:00:00+00:00", frequency: {distribution: uniform, params: {a: 0, b: 0.002}}}
  triangular: {<<: *uniform, frequency: 90s, values: {distribution: triangular, params: {low: 1, high: 5, mode: 2}}}
  gamma: {<<: *uniform, values: {distribution: gammavariate, params: {alpha: 2.5, beta: 1}}}
  vonmises: {<<: *uniform, values: {distribution: vonmisesvariate, params: {mu: 3, kappa: 0.5}}}
app_metrics:
  randint: {<<: *uniform, values: {distribution: randint, params: {a: 10, b: 50}}}
  choice: {<<: *uniform, values: {distribution: choice, params: {seq: [1, 2, 3.5]}}}
  constant: {<<: *uniform, frequency: 1m, values: 7}
  keyed: {<<: *uniform, dict_keys: ["<a, b>", c, d], values: {distribution: randint, params: {a: 1, b: 9}}}
  é|k=v: *uniform
  steps: {<<: *uniform, end_time: "2017-12-01T08:01:00Z", frequency: 1.5s}
  10: *uniform
  9: *uniform
2017:
  m: *uniform
`

const samples = sharedData('clusterman')
const sample = (name: string): string => (samples ? readFileSync(join(samples, name), 'utf8') : '')
/** Without the metric that needs stored data. */
const randomSample = sample('design.yaml').replace(/system_metrics:[\s\S]*/, '')

const designs: readonly [name: string, design: string][] = [
  ['every kind of metric', everyKind],
  ...(samples
    ? ([
        ["Clusterman's sample", randomSample],
        ["Clusterman's acceptance test", sample('itest-metrics.yaml')],
      ] as [string, string][])
    : []),
]
const seeds: readonly Seed[] = [1n, -5n, 2n ** 70n, '1234', 'ü', '']

/** The metrics of each type in the order of the text, which an object would not keep. */
const inOrder = (design: string) =>
  [...parse(design, { merge: true, mapAsMap: true })].map(([type, metrics]) => [
    type,
    [...metrics].map(([name, fields]) => [String(name), plain(fields)]),
  ])

const plain = (value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)])) : value

/** What Python makes with each of the seeds. */
async function expected(design: string, compat: boolean): Promise<Record<string, Record<string, Points>>[]> {
  const given = {
    design: inOrder(design),
    seeds: seeds.map((seed) => (typeof seed === 'bigint' ? `#${seed}` : `.${seed}`)),
    compat,
  }
  return JSON.parse((await pythonBeside(twin, given)).toString())
}

const numbers = ([, value]: Points[number]): readonly number[] =>
  typeof value === 'number' ? [value] : Object.values(value)
const keys = ([, value]: Points[number]): string => (typeof value === 'number' ? '' : Object.keys(value).join('; '))

/** Equal times, keys and, to 1e-12, numbers. */
function isEqual(ours: Points[number], theirs: Points[number]): boolean {
  const expected = numbers(theirs)
  const isClose = numbers(ours).every(
    (value, i) => Math.abs(value - expected[i]) <= 1e-12 * Math.max(1, Math.abs(value)),
  )
  return ours[0] === theirs[0] && keys(ours) === keys(theirs) && isClose
}

function expectEqual(ours: Points, theirs: Points): void {
  expect(ours).toHaveLength(theirs.length)
  const wrong = ours.findIndex((point, i) => !isEqual(point, theirs[i]))
  if (wrong >= 0) expect(ours[wrong]).toEqual(theirs[wrong])
}

describe.skipIf(!hasPython)('a whole design', () => {
  const cases = designs.flatMap(([name, design]) => [false, true].map((compat) => ({ name, design, compat })))

  it.each(cases)('makes the points that Python makes: $name, compat $compat', async ({ design, compat }) => {
    const allTheirs = expected(design, compat)
    const timezone = compat ? 'US/Pacific' : 'UTC'
    const allOurs = await Promise.all(seeds.map((seed) => generated(design, { seed, compat, timezone })))
    for (const [i, theirs] of (await allTheirs).entries()) {
      const ours = allOurs[i]
      expect(Object.keys(ours)).toEqual(Object.keys(theirs))
      for (const [type, metrics] of Object.entries(theirs)) {
        expect(Object.keys(ours[type])).toEqual(Object.keys(metrics))
        for (const [metric, points] of Object.entries(metrics)) expectEqual(ours[type][metric], points)
      }
    }
  })
})
