import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Metric } from '../../src/metrics-file/batch.ts'
import { readMetrics } from '../../src/metrics-file/read.ts'
import { temporaryFolder } from '../support/folders.ts'
import { python } from '../support/python.ts'
import { sharedData } from '../support/shared.ts'
import { loadMetrics } from './metrics.ts'

const directory = temporaryFolder()
const file = (text: string | Uint8Array, name = 'metrics.json.gz'): string => {
  const path = join(directory, name)
  writeFileSync(path, typeof text === 'string' ? gzipSync(text) : text)
  return path
}
const at = Date.UTC(2017, 11, 1, 8)
const iso = '"2017-12-01T08:00:00+00:00"'

/** Metrics whose points refer to times of points before them. */
const referring =
  '{"app_metrics": {"x": [{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115200}, 1]}, {"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115260}, 2.0]}], "y": [{"py/tuple": [{"py/id": 2}, {"a": 1}]}, {"py/tuple": [{"py/id": 1}, 1e-05]}, {"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115320}, {"a": 1}]}]}, "metadata": {"z": [{"py/tuple": [{"py/id": 4}, {"a": 1}]}, {"py/tuple": [{"py/id": 4}, 3]}]}}'

describe('readMetrics', () => {
  it.each([
    ['the first generation', `{"m": {"__data__": [[${iso}, 0.5]]}}`, { '-': { m: [[at, 0.5]] } }],
    ['the flat one', `{"m": [["2017-12-01T08:00:00+0000", 1]]}`, { '-': { m: [[at, 1]] } }],
    ['the typed one', `{"app_metrics": {"m": [[${iso}, 1]]}}`, { app_metrics: { m: [[at, 1]] } }],
    [
      "jsonpickle's",
      `{"app_metrics": {"py/object": "collections.defaultdict", "m": [{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115200}, 1]}], "default_factory": {"py/type": "builtins.list"}}}`,
      { app_metrics: { m: [[at, 1]] } },
    ],
    [
      "jsonpickle's with sorted keys",
      `{"app_metrics": {"default_factory": {"py/type": "builtins.list"}, "m": [{"py/tuple": [{"timestamp": 1512115200, "py/object": "arrow.arrow.Arrow"}, 1]}], "py/object": "collections.defaultdict"}}`,
      { app_metrics: { m: [[at, 1]] } },
    ],
    ['times in seconds', `{"m": [[1512115200.25, 1]]}`, { '-': { m: [[at + 250, 1]] } }],
    [
      'times in seconds that no double holds',
      `{"m": [[1080000000.000999, 1], [1080000000.001, 2], [1080000000.018, 3]]}`,
      {
        '-': {
          m: [
            [1080000000000, 1],
            [1080000000001, 2],
            [1080000000018, 3],
          ],
        },
      },
    ],
    ['times without a zone, as UTC', `{"m": [["2017-12-01T08:00:00", 1]]}`, { '-': { m: [[at, 1]] } }],
    [
      'objects of values',
      `{"m": [[${iso}, {"<a, b>": 1, "": 2}], [${iso}, {}]]}`,
      {
        '-': {
          m: [
            [at, { '<a, b>': 1, '': 2 }],
            [at, {}],
          ],
        },
      },
    ],
    ['empty metrics and types', `{"a": {}, "b": {"m": []}, "c": []}`, { b: { m: [] }, '-': { c: [] } }],
    ['an empty file', '{ }', {}],
    [
      'escapes and Unicode',
      `{"m\\u00e9\\n": [[${iso}, {"é😀": -1e-05}]]}`,
      { '-': { 'mé\n': [[at, { 'é😀': -1e-5 }]] } },
    ],
    [
      'blanks',
      `\n{\t"m" : [ [ ${iso} , 1 ] , [${iso},2] ] } \n`,
      {
        '-': {
          m: [
            [at, 1],
            [at, 2],
          ],
        },
      },
    ],
  ])('reads %s', async (_, text, expected) => {
    expect(await loadMetrics(file(text))).toEqual(expected)
    expect(await loadMetrics(file(Buffer.from(text), 'plain.json'))).toEqual(expected)
  })

  it('resolves py/id as jsonpickle 1.4.2 numbers times: observed', async () => {
    const text = referring
    const read = await loadMetrics(file(text))
    expect(read.app_metrics.y.map(([time]) => time)).toEqual([at + 60_000, at, at + 120_000])
    expect(read.metadata.z.map(([time]) => time)).toEqual([at + 120_000, at + 120_000])
    const asObjects = text
      .replace('"app_metrics": {', '"app_metrics": {"py/object": "collections.defaultdict", ')
      .replaceAll(/"py\/id": (\d)/g, (_, id) => `"py/id": ${Number(id) + 1}`)
      .replaceAll('"metadata": {', '"metadata": {"py/object": "collections.defaultdict", ')
    expect(await loadMetrics(file(asObjects))).toEqual(read)
  })

  it('resolves py/id to times of metrics that are not wanted', async () => {
    const asLists = referring.replaceAll(/\{"py\/tuple": (\[.*?\])\}(?=, \{"py|\])/g, '$1')
    for (const text of [referring, referring.replaceAll(': ', ' :\t'), asLists]) {
      const whole = await loadMetrics(file(text))
      for (const [type, metrics] of Object.entries(whole)) {
        for (const [name, points] of Object.entries(metrics)) {
          const select = (metric: Metric) => metric.name === name
          expect(await loadMetrics(file(text), { select })).toEqual({ [type]: { [name]: points } })
        }
      }
    }
  })

  it('passes over values that are no numbers in metrics that are not wanted', async () => {
    const text = '{"a": [{"py/tuple": [{"py/id": 9}, "text"]}], "b": [[1512115200, 1]]}'
    expect(await loadMetrics(file(text), { select: ({ name }) => name === 'b' })).toEqual({ '-': { b: [[at, 1]] } })
  })

  it('passes over metrics that are not wanted', async () => {
    const text = `{"a": {"m": [[${iso}, {"k": "]}"}]], "n": [[${iso}, 2]]}, "m": [[${iso}, 3]]}`
    const read = await loadMetrics(file(text), { select: ({ type, name }) => name === 'n' || type === undefined })
    expect(read).toEqual({ a: { n: [[at, 2]] }, '-': { m: [[at, 3]] } })
  })

  it('tells of every value that is no number, and keeps the rest of its point', async () => {
    const problems: string[] = []
    const text = `{"m": [[${iso}, null], [${iso}, NaN], ["soon", 1], [null, 1], [${iso}, {"a": -Infinity, "b": 2}], [${iso}, "7"], [${iso}, 8]]}`
    const read = await loadMetrics(file(text), {
      reject: (metric, problem) => problems.push(`${metric.name}: ${problem}`),
    })
    expect(read).toEqual({
      '-': {
        m: [
          [at, { b: 2 }],
          [at, 8],
        ],
      },
    })
    expect(problems).toEqual([
      'm: expected a finite number, got null',
      'm: expected a finite number, got NaN',
      'm: expected a time in ISO-8601, got "soon"',
      'm: expected a time in seconds, got null',
      'm: expected a finite number, got -Infinity',
      'm: expected a number, got a text, list or object',
    ])
    const path = file(text)
    await expect(loadMetrics(path)).rejects.toThrow(`invalid point of m in ${path}: expected a finite number, got null`)
  })

  it.each([
    ['a file that is missing', 'not found', () => join(directory, 'missing.json.gz')],
    ['a directory', 'a directory', () => directory],
    ['an empty file', 'ends too early', () => file(Buffer.alloc(0))],
    ['text that is cut off', 'ends too early', () => file(`{"m": [[${iso}, 1]`)],
    ['gzip that is cut off', 'broken metrics file', () => file(gzipSync(`{"m": [[${iso}, 1]]}`).subarray(0, 30))],
    ['something else', 'expected "{" at byte 0', () => file('[]')],
    ['a metric that is a number', 'expected a list of points or an object', () => file('{"m": 1}')],
    ['a type that holds a number', 'expected a list of points for t.m', () => file('{"t": {"m": 1}}')],
    ['a point without value', 'expected ","', () => file(`{"m": [[${iso}]]}`)],
    ['a point of three', 'expected "]"', () => file(`{"m": [[${iso}, 1, 2]]}`)],
    ['a reference to nothing', 'py/id 7 refers to no time', () => file('{"m": [{"py/tuple": [{"py/id": 7}, 1]}]}')],
  ])('refuses %s', async (_, message, path) => {
    await expect(loadMetrics(path())).rejects.toThrow(message)
  })

  it('reads the same points wherever the pieces of a file end', async () => {
    const points = Array.from(
      { length: 20_000 },
      (_, i) => `["${new Date(at + i * 1_000).toISOString()}", {"k${i % 7}": ${i}.5, "é": -${i}}]`,
    )
    const read = await loadMetrics(file(Buffer.from(`{"t": {"m": [${points}]}}`), 'large.json'))
    expect(read.t.m).toHaveLength(20_000)
    expect(read.t.m[12_345]).toEqual([at + 12_345_000, { k4: 12345.5, é: -12345 }])
  })
})

/** A point's value as it may stand in a file. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0.0', '5.0', '1e-05', '9007199254740993', '0.1'),
)
const numbers = fc.array(fc.tuple(fc.constantFrom('"<a, b>"', '"\\u00e9"', '"k"', '"é"'), number), { maxLength: 4 })
const value = fc.oneof(
  number,
  numbers.map((members) => `{${members.map(([key, one]) => `${key}: ${one}`).join(', ')}}`),
)
const time = fc
  .tuple(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom('+00:00', 'Z', '', '-0730', ',5+02'))
  .map(([ms, zone]) => `"${new Date(ms).toISOString().slice(0, zone.startsWith(',') ? 19 : 23)}${zone}"`)
const seconds = fc.integer({ min: 0, max: 4e9 }).map((one) => `{"py/object": "arrow.arrow.Arrow", "timestamp": ${one}}`)
const point = fc.oneof(
  fc.tuple(time, value).map(([at, one]) => `[${at}, ${one}]`),
  fc.tuple(seconds, value).map(([at, one]) => `{"py/tuple": [${at}, ${one}]}`),
)

describe('the layout of a file', () => {
  it('does not matter: blanks where no program writes them, or none, give the same points and kinds', async () => {
    const kindsOf = async (path: string) => {
      const kinds: unknown[] = []
      for await (const batch of readMetrics(path)) kinds.push([batch.time, batch.value, batch.kind])
      return kinds
    }
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 20 }), async (points) => {
        const usual = `{"t": {"m": [${points.join(', ')}]}}`
        const around = (mark: (one: string) => string) =>
          usual.replace(/("(?:[^"\\]|\\.)*")|([[\]{},:]) ?/g, (_, text, one) => text ?? mark(one))
        const texts = [usual, around((one) => one), around((one) => ` ${one}\n\t`)]
        const paths = texts.map((text, i) => file(Buffer.from(text), `layout-${i}.json`))
        const [expected, ...others] = await Promise.all(paths.map((path) => loadMetrics(path)))
        for (const other of others) expect(other).toEqual(expected)
        const [kinds, ...otherKinds] = await Promise.all(paths.map(kindsOf))
        for (const other of otherKinds) expect(other).toEqual(kinds)
      }),
      { numRuns: 300 },
    )
  })
})

const samples = sharedData('clusterman')

describe.skipIf(!samples)('the metrics files of every generation of Clusterman', () => {
  it.each(['4416b4c', '9b5b47e', 'd74d045', 'c3df39b', 'itest'])(
    'reads all points of %s, as Python does',
    async (name) => {
      const path = join(samples ?? '', name === 'itest' ? 'itest-metrics.json.gz' : `metrics-${name}.json.gz`)
      const read = await loadMetrics(path)
      expect(read).toEqual(JSON.parse(python(literalReader, path).toString()))
    },
  )
})

/** Reads each generation the plain way: all at once, by `json`. */
const literalReader = `
import datetime, gzip, json, sys
file = json.load(gzip.open(json.load(sys.stdin)))
def ms(time):
    if isinstance(time, dict): return time['timestamp'] * 1000
    return int(datetime.datetime.strptime(time, '%Y-%m-%dT%H:%M:%S%z').timestamp() * 1000)
def points(rows):
    rows = [row['py/tuple'] if isinstance(row, dict) else row for row in rows]
    return [[ms(time), value] for time, value in rows]
out = {}
for name, value in file.items():
    if isinstance(value, list): out.setdefault('-', {})[name] = points(value)
    elif '__data__' in value: out.setdefault('-', {})[name] = points(value['__data__'])
    else: out[name] = {k: points(v) for k, v in value.items() if isinstance(v, list)}
json.dump(out, sys.stdout)
`
