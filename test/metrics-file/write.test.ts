import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kind } from '../../src/metric/points.ts'
import { batchBuilder, type Metric, type MetricBatch, noKey } from '../../src/metrics-file/batch.ts'
import { formatNumber, quote, timeFormatter } from '../../src/metrics-file/text.ts'
import { type WriteMetricsOptions, writeMetrics } from '../../src/metrics-file/write.ts'
import { temporaryFolder } from '../support/folders.ts'
import { hasPython, python } from '../support/python.ts'
import { loadMetrics, type Points } from './metrics.ts'

const directory = temporaryFolder()
const path = join(directory, 'metrics.json.gz')
const at = Date.UTC(2017, 11, 1, 8)

async function* batchesOf(...metrics: [Metric, Points][]): AsyncIterable<MetricBatch> {
  for (const [metric, points] of metrics) {
    const builder = batchBuilder(metric)
    for (const [time, value] of points) {
      builder.point(time)
      if (typeof value === 'number') builder.value(value, kindOf(value), noKey)
      else for (const [key, number] of Object.entries(value)) builder.value(number, kindOf(number), builder.keyId(key))
      if (builder.isFull()) yield builder.take()
    }
    yield builder.take()
  }
}

const kindOf = (value: number) => (Number.isInteger(value) && !Object.is(value, -0) ? Kind.int64 : Kind.double)

async function textOf(options: WriteMetricsOptions, ...metrics: [Metric, Points][]): Promise<string> {
  await writeMetrics(path, batchesOf(...metrics), options)
  return gunzipSync(readFileSync(path)).toString()
}

const example: [Metric, Points][] = [
  [
    { type: 'metadata', name: 'a|b=c' },
    [
      [at, 0.00001],
      [at + 1_500, 1],
    ],
  ],
  [{ type: 'metadata', name: 'é"' }, []],
  [
    { type: 'app_metrics', name: 'm' },
    [
      [at, { '<x, y>': 2, z: 1e16 + 2 }],
      [at, {}],
    ],
  ],
]

describe('writeMetrics', () => {
  it('writes plain files by type, with times in ISO-8601', async () => {
    expect(await textOf({}, ...example, [{ name: 'flat' }, [[at, 3]]])).toBe(
      '{"metadata": {"a|b=c": [["2017-12-01T08:00:00+00:00", 1e-05], ["2017-12-01T08:00:01.500+00:00", 1]], "\\u00e9\\"": []}, ' +
        '"app_metrics": {"m": [["2017-12-01T08:00:00+00:00", {"<x, y>": 2, "z": 10000000000000002}], ["2017-12-01T08:00:00+00:00", {}]]}, ' +
        '"flat": [["2017-12-01T08:00:00+00:00", 3]]}',
    )
  })

  it('writes for Clusterman what jsonpickle would, in whole seconds', async () => {
    expect(await textOf({ format: 'clusterman' }, ...example)).toBe(
      '{"metadata": {"py/object": "collections.defaultdict", "a|b=c": [{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115200}, 1e-05]}, ' +
        '{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115201}, 1]}], "\\u00e9\\"": [], "default_factory": {"py/type": "builtins.list"}}, ' +
        '"app_metrics": {"py/object": "collections.defaultdict", "m": [{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115200}, {"<x, y>": 2, "z": 10000000000000002}]}, ' +
        '{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": 1512115200}, {}]}], "default_factory": {"py/type": "builtins.list"}}}',
    )
  })

  it('writes an empty file', async () => {
    expect(await textOf({})).toBe('{}')
  })

  it('refuses a metric without type for Clusterman, and leaves the old file as it was', async () => {
    const before = await textOf({}, ...example)
    await expect(textOf({ format: 'clusterman' }, [{ name: 'flat' }, []])).rejects.toMatchObject({
      message: 'metric flat has no metric type: Clusterman reads only metrics of a type',
      exitCode: 2,
    })
    expect(gunzipSync(readFileSync(path)).toString()).toBe(before)
    expect(readdirSync(directory)).toEqual(['metrics.json.gz'])
  })

  it('gives the same bytes, however many blocks are compressed at once', async () => {
    const points = Array.from({ length: 30_000 }, (_, i): Points[number] => [at + i * 1_000, Math.sqrt(i)])
    const bytes = []
    for (const parallel of [1, 2, 7]) {
      await writeMetrics(path, batchesOf([{ name: 'm' }, points]), { gzip: { parallel } })
      bytes.push(readFileSync(path))
    }
    expect(bytes[1].equals(bytes[0])).toBe(true)
    expect(bytes[2].equals(bytes[0])).toBe(true)
    expect(bytes[0].subarray(4, 8)).toEqual(Buffer.alloc(4))
    expect((await loadMetrics(path))['-'].m).toEqual(points)
  })

  it('is read back as it was written', async () => {
    const time = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2100, 0) })
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())
    const name = fc.string().filter((text) => text !== '__proto__')
    const value = fc.oneof(number, fc.dictionary(name, number, { noNullPrototype: true }))
    const points = fc.array(fc.tuple(time, value))
    await fc.assert(
      fc.asyncProperty(name, name, points, async (type, metric, given) => {
        await writeMetrics(path, batchesOf([{ type, name: metric }, given]))
        expect(await loadMetrics(path)).toEqual({ [type]: { [metric]: given } })
      }),
      { numRuns: 50 },
    )
  })
})

describe('formatNumber', () => {
  it.skipIf(!hasPython)('writes a double as Python does', () => {
    const special = [
      0,
      -0,
      1,
      5e-324,
      1e-5,
      1e-4,
      0.00012,
      1e15,
      1e16,
      123456789012345680000,
      1e21,
      1e22,
      1e100,
      -2.5e-7,
      0.1 + 0.2,
    ]
    const random = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 5_000)
    const doubles = [...special, ...random]
    const texts = JSON.parse(
      python(
        'import json,sys,struct; print(json.dumps([repr(struct.unpack("<d", bytes.fromhex(h))[0]) for h in json.load(sys.stdin)]))',
        doubles.map(hex),
      ).toString(),
    )
    expect(doubles.map((value) => formatNumber(value, Kind.double))).toEqual(texts)
  })

  it('writes an integer without a point', () => {
    expect(formatNumber(5, Kind.int32)).toBe('5')
    expect(formatNumber(-(2 ** 40), Kind.int64)).toBe('-1099511627776')
  })
})

const hex = (value: number): string => Buffer.from(Float64Array.of(value).buffer).toString('hex')

describe('quote', () => {
  it.skipIf(!hasPython)('escapes a text as Python does', () => {
    const texts = [...fc.sample(fc.string({ unit: 'binary' }), 2_000), '\u007f\u0080\b\f\n\r\t"\\/', '😀é']
    const quoted = JSON.parse(
      python('import json,sys; print(json.dumps([json.dumps(t) for t in json.load(sys.stdin)]))', texts).toString(),
    )
    expect(texts.map(quote)).toEqual(quoted)
  })
})

describe('timeFormatter', () => {
  it('writes any time as Date does, in any order', () => {
    const format = timeFormatter()
    fc.assert(
      fc.property(fc.integer({ min: -62135596800000, max: 253402300799999 }), (time) => {
        expect(format(time)).toBe(new Date(time).toISOString().replace('.000Z', 'Z').replace('Z', '+00:00'))
      }),
    )
  })
})
