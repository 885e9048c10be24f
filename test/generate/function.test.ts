import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { seriesPoints } from '../../src/metric/points.ts'
import type { Source } from '../../src/source/source.ts'
import { day, minute } from '../../src/time/range.ts'
import { loadMetrics } from '../metrics-file/metrics.ts'
import { temporaryFolder } from '../support/folders.ts'
import { generated, generateFile, oneMetric } from './generated.ts'

const at = Date.UTC(2017, 11, 1, 8)
const iso = (seconds: number) => new Date(at + seconds * 1_000).toISOString()
const dataFile = join(temporaryFolder(), 'data.json.gz')
const data = {
  system_metrics: {
    cpu: [
      [iso(-60), 1],
      [iso(0), 2],
      [iso(60), 4],
      [iso(180), 8],
      [iso(3_600), 9],
    ],
    m: [[iso(0), 10]],
  },
  app_metrics: {
    mem: [
      [iso(30), 100],
      [iso(120), 200],
    ],
    twice: [],
  },
  metadata: {
    twice: [],
    keyed: [
      [iso(0), { a: 1, 'b, c': 2 }],
      [iso(60), { a: 3 }],
    ],
    empty: [],
  },
}
writeFileSync(dataFile, gzipSync(JSON.stringify(data)))

/** Seconds from 08:00 and values of the metric `m`. */
async function made(fields: string): Promise<[number, unknown][]> {
  const read = await generated(oneMetric(fields), { dataFile })
  return read['-'].m.map(([time, value]) => [(time - at) / 1_000, value])
}

describe('a function of existing data', () => {
  it('is evaluated at the times of the data inside the range', async () => {
    expect(await made('values: {function: "1.5*x + 10", metric: cpu}')).toEqual([
      [0, 13],
      [60, 16],
      [180, 22],
    ])
    expect(await made('frequency: historical\nvalues: {function: x^2, metric: cpu}')).toEqual([
      [0, 4],
      [60, 16],
      [180, 64],
    ])
  })

  it('knows the time, the value before and the time since', async () => {
    expect(await made('values: {function: "(x - prev) / max(dt, 1)", metric: cpu}')).toEqual([
      [0, 0],
      [60, 2 / 60],
      [180, 4 / 120],
    ])
    expect(await made('values: {function: "t", metric: cpu}')).toEqual([0, 60, 180].map((s) => [s, at / 1_000 + s]))
    expect(await made('values: {function: "hour * 10 + weekday", metric: cpu}')).toEqual(
      [0, 60, 180].map((s) => [s, 84]),
    )
  })

  it('takes the last value at times of its own, or interpolates', async () => {
    const fields = 'frequency: 1m\nvalues: {function: x, metric: cpu'
    expect((await made(`${fields}}`)).slice(0, 5)).toEqual([
      [0, 2],
      [60, 4],
      [120, 4],
      [180, 8],
      [240, 8],
    ])
    const linear = await made(`${fields}, interpolate: linear}`)
    expect(linear.slice(0, 5)).toEqual([
      [0, 2],
      [60, 4],
      [120, 6],
      [180, 8],
      [240, 8 + 60 / 3_420],
    ])
  })

  it('joins several inputs from the first time that all have', async () => {
    const fields = 'values: {function: "cpu + mem", metrics: {cpu: cpu, mem: mem}}'
    expect(await made(fields)).toEqual([
      [60, 104],
      [180, 208],
    ])
  })

  it('reads one key of a multi-valued metric, and asks for it', async () => {
    expect(await made('values: {function: x, metric: keyed, key: a}')).toEqual([
      [0, 1],
      [60, 3],
    ])
    expect(await made('values: {function: x, metric: keyed, key: "b, c"}')).toEqual([[0, 2]])
    await expect(made('values: {function: x, metric: keyed}')).rejects.toThrow('keyed of')
  })

  it.each([
    ['a multi-valued metric', 'keyed', `keyed of ${dataFile} has no value of the key "bc"`],
    ['a metric without keys', 'cpu', `cpu of ${dataFile} has no value of the key "bc"`],
  ])('refuses a key that %s does not have', async (_, metric, message) => {
    await expect(made(`values: {function: x, metric: ${metric}, key: bc}`)).rejects.toThrow(message)
    expect(await made('values: {function: x, metric: empty, key: bc}')).toEqual([])
  })

  it('asks for the type where several metrics have the name', async () => {
    await expect(made('values: {function: x, metric: twice}')).rejects.toThrow('add type: app_metrics or metadata')
    expect(await made('values: {function: x, metric: twice, type: metadata}')).toEqual([])
  })

  it('refuses a value that is not finite, or that cannot be computed, with its time', async () => {
    await expect(made('values: {function: "1 / (x - 4)", metric: cpu}')).rejects.toThrow(
      'm.values: expected a finite number, got Infinity at 2017-12-01T08:01:00Z',
    )
    await expect(made('values: {function: "factorial(x - 3)", metric: cpu}')).rejects.toThrow(
      /design\.yaml:\d+:\d+: m\.values: cannot compute factorial\(x - 3\) for x = 2: .* at 2017-12-01T08:00:00Z/,
    )
  })

  it('leaves no reading of a database open, neither behind the range nor after a failure', async () => {
    let open = 0
    const read: Source['read'] = async function* () {
      open++
      try {
        for (let time = at; time < at + 60 * day; time += minute)
          yield seriesPoints([[time, 7]], { input: 'database', dictionary: ['cpu'], id: 0 })
      } finally {
        open--
      }
    }
    const openDatabase = async (): Promise<Source> => ({ order: 'series', read })
    const make = (expression: string) =>
      generated(oneMetric(`values: {function: "${expression}", metric: cpu, from: "cassandra://host/DATA"}`), {
        openDatabase,
      })
    expect((await make('x'))['-'].m).toHaveLength(60)
    expect(open).toBe(0)
    await expect(make('1 / (x - 7)')).rejects.toThrow('expected a finite number')
    expect(open).toBe(0)
  })

  it('reads the file that the design names, before all others', async () => {
    const other = join(temporaryFolder(), 'other.json')
    writeFileSync(other, JSON.stringify({ cpu: [[iso(0), 7]] }))
    expect(await made(`values: {function: x, metric: cpu, from: ${JSON.stringify(other)}}`)).toEqual([[0, 7]])
    await expect(made(`values: {function: x, metric: gone, from: ${JSON.stringify(other)}}`)).rejects.toThrow(
      'no metric gone in',
    )
  })

  it('reads times that refer to those of other metrics of the file', async () => {
    const from = join(temporaryFolder(), 'references.json')
    const point = (time: string) => `[{"py/tuple": [{${time}}, 7]}]`
    const time = `"py/object": "arrow.arrow.Arrow", "timestamp": ${at / 1_000 + 60}`
    writeFileSync(from, `{"t": {"a": ${point(time)}, "b": ${point('"py/id": 1')}}}`)
    expect(await made(`values: {function: x, metric: b, from: ${JSON.stringify(from)}}`)).toEqual([[60, 7]])
  })

  it('knows a metric whose dimensions stand in another order, once', async () => {
    const from = join(temporaryFolder(), 'dimensions.json')
    const points = `[["${iso(0)}", 7]]`
    writeFileSync(from, `{"a|z=1,b=2": ${points}, "c|z=1,b=2": ${points}, "c|b=2,z=1": ${points}}`)
    const read = (metric: string) => made(`values: {function: x, metric: "${metric}", from: ${JSON.stringify(from)}}`)
    expect(await read('a|b=2,z=1')).toEqual([[0, 7]])
    await expect(read('c|z=1,b=2')).rejects.toThrow(`c|z=1,b=2 stands twice in ${from}, also as c|b=2,z=1`)
  })

  it('reads metrics made earlier in the design, without changing them', async () => {
    const base = 'start_time: "2017-12-01", end_time: "2017-12-01T01:00"'
    const first = `a: {${base}, frequency: {distribution: expovariate, params: {lambd: 0.01}}, values: {distribution: random}}\n`
    const alone = await generated(first)
    const read = await generated(
      `${first}b: {${base}, values: {function: "2 * x", metric: a}}\nc: {${base}, values: {function: "x / 2", metric: b}}`,
    )
    expect(read['-'].a).toEqual(alone['-'].a)
    expect(read['-'].b).toEqual(alone['-'].a.map(([time, value]) => [time, 2 * (value as number)]))
    expect(read['-'].c).toEqual(alone['-'].a)
    await expect(generated(`b: {${base}, values: {function: x, metric: a}}\n${first}`)).rejects.toThrow(
      'no data for metric a: the design makes it, but not before this metric; move it up',
    )
  })

  it('reads what the design makes now, not what the output or the data file holds of it', async () => {
    const end = (time: string) => `start_time: "2017-12-01", end_time: "2017-12-01T${time}"`
    const both = (time: string) =>
      `a: {${end(time)}, frequency: 10m, values: {distribution: random}}\nb: {${end(time)}, values: {function: x, metric: a}}`
    const output = await generateFile(both('01:00'), { seed: 1n })
    const again = { output, confirm: async () => true }
    const read = await generated(both('02:00'), { ...again, seed: 2n, dataFile: output })
    expect(read['-'].a).toHaveLength(12)
    expect(read['-'].b).toEqual(read['-'].a)
    expect(read).toEqual(await generated(both('02:00'), { seed: 2n }))
  })

  it('reads of the output what the design does not make, and refuses what it replaces', async () => {
    const base = 'start_time: "2017-12-01", end_time: "2017-12-01T01:00"'
    const output = await generateFile(`a: {${base}, frequency: 10m, values: 3}`)
    const again = { output, confirm: async () => true }
    const read = await generated(`b: {${base}, values: {function: "2*x", metric: a}}`, again)
    expect(read['-'].b.map(([, value]) => value)).toEqual([6, 6, 6, 6, 6, 6])
    const inPlace = (from = '') => generateFile(`a: {${base}, values: {function: "2*x", metric: a${from}}}`, again)
    await expect(inPlace()).rejects.toThrow('the design makes it, but not before this metric')
    await expect(inPlace(`, from: ${JSON.stringify(output)}`)).rejects.toThrow('is made anew by this design')
    expect(await loadMetrics(output)).toEqual(read)
  })

  it('with --compat clusterman reads nothing of the same design', async () => {
    const base = 'start_time: "2017-12-01", end_time: "2017-12-01T01:00"'
    const design = `a: {${base}, frequency: 10m, values: 3}\nb: {${base}, values: {function: x, metric: a}}`
    await expect(generated(design, { compat: true })).rejects.toThrow(
      'a of the same design cannot be read with --compat clusterman; name existing data with from:',
    )
  })

  it("understands Clusterman's linear block: a × the metric of the same name + b", async () => {
    expect(await made('frequency: historical\nvalues: {aws_region: us-west-2, params: {a: 1.5, b: 10}}')).toEqual([
      [0, 25],
    ])
    expect(
      await made(
        `frequency: historical\nvalues: {params: {a: 1, b: 0}, metric: cpu, from: ${JSON.stringify(dataFile)}}`,
      ),
    ).toHaveLength(3)
  })
})

describe('plausible data', () => {
  const sum = async (terms: string, step = '15m') =>
    (await made(`frequency: ${step}\nvalues: {sum: ${terms}}`)).map(([, value]) => value)

  it('adds up terms', async () => {
    expect(await sum('[{constant: 1}, {constant: 2}]', '30m')).toEqual([3, 3])
    expect(await sum('[{trend: {change: 4, per: 1h}}]')).toEqual([0, 1, 2, 3])
    expect(await sum('[{weekly: [0, 0, 0, 0, 5, 0, 0]}]', '30m')).toEqual([5, 5])
    const sine = await sum('[{sine: {period: 1h, amplitude: 2}}], round: 6')
    expect(sine).toEqual([0, 2, 0, -2])
    expect(await sum('[{sine: {period: 1h, amplitude: 2, phase: 15m}}], round: 6')).toEqual([-2, 0, 2, 0])
  })

  it('clamps, then rounds', async () => {
    expect(await sum('[{trend: {change: 10, per: 1h}}], clamp: {min: 1.26, max: 6}, round: 1')).toEqual([
      1.3, 2.5, 5, 6,
    ])
  })

  it('remembers in ar1', async () => {
    const values = (await sum('[{ar1: {phi: 0.99, sigma: 1}}]', '1s')) as number[]
    const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]))
    const spread = Math.max(...values) - Math.min(...values)
    expect(Math.max(...steps)).toBeLessThan(spread / 2)
  })
})
