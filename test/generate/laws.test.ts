import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDesign } from '../../src/generate/design.ts'
import { loadMetrics } from '../metrics-file/metrics.ts'
import { generated, generateFile, now, oneMetric } from './generated.ts'

const metric = (name: string, values = '{distribution: gauss, params: {mu: 5, sigma: 1}}'): string =>
  `  ${name}: {start_time: "2017-12-01", end_time: "2017-12-02", frequency: {distribution: expovariate, params: {lambd: 0.01}}, values: ${values}}\n`

const at = Date.UTC(2017, 11, 1, 8)
const yes = async () => true

describe('generate-data', () => {
  it('gives the same bytes for the same seed, and others for another', async () => {
    const design = `app_metrics:\n${metric('a')}${metric('b')}`
    const [first, second, other] = await Promise.all([
      generateFile(design, { seed: 'x' }),
      generateFile(design, { seed: 'x' }),
      generateFile(design, { seed: 'y' }),
    ])
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true)
    expect(readFileSync(first).equals(readFileSync(other))).toBe(false)
  })

  it('changes no metric when others are added or moved', async () => {
    const alone = await generated(`app_metrics:\n${metric('a')}`)
    const among = await generated(`app_metrics:\n${metric('c')}${metric('b')}${metric('a')}`)
    expect(among.app_metrics.a).toEqual(alone.app_metrics.a)
    expect(among.app_metrics.b).not.toEqual(among.app_metrics.a)
  })

  it('keeps the values of a metric when its points are lost, late or doubled', async () => {
    const block = 'frequency: 1m\nvalues: {distribution: random}'
    const whole = (await generated(oneMetric(block)))['-'].m
    const holed = (await generated(oneMetric(`${block}\ngaps: 0.3`)))['-'].m
    expect(holed.length).toBeLessThan(whole.length)
    expect(holed.every((point) => whole.some((other) => other[0] === point[0] && other[1] === point[1]))).toBe(true)
    const late = (await generated(oneMetric(`${block}\nlate: {probability: 0.5, by: 10m}`)))['-'].m
    expect(late).not.toEqual(whole)
    expect(late.map(([, value]) => value).every((value) => whole.some(([, other]) => other === value))).toBe(true)
    expect(isRising(late.map(([time]) => time))).toBe(true)
    const doubled = (await generated(oneMetric(`${block}\nduplicates: 1`)))['-'].m
    expect(doubled).toHaveLength(2 * whole.length)
    expect(doubled[1]).toEqual([whole[0][0] + 1, whole[0][1]])
  })

  it('adds new metrics to a file and replaces those it holds, with consent', async () => {
    const output = await generateFile(`app_metrics:\n${metric('a')}${metric('b')}\nmetadata:\n${metric('c')}`)
    const before = await loadMetrics(output)
    const added = `metadata:\n${metric('d')}\napp_metrics:\n${metric('b', '3')}\nnew:\n${metric('e')}\n${metric('flat').slice(2)}`
    const alone = await generated(added)
    await generateFile(added, { output, confirm: yes })
    const after = await loadMetrics(output)
    expect(after).toEqual({
      app_metrics: { a: before.app_metrics.a, b: alone.app_metrics.b },
      metadata: { c: before.metadata.c, d: alone.metadata.d },
      new: alone.new,
      '-': alone['-'],
    })
  })

  it('takes a metric whose dimensions stand in another order for the same, and asks for it', async () => {
    const output = await generateFile(`t:\n${metric('"a|z=1,b=2"', '1')}${metric('c', '1')}`)
    const design = `t:\n${metric('"a|b=2,z=1"', '2')}`
    await expect(generateFile(design, { output })).rejects.toThrow('holds data for a|b=2,z=1: nothing was written')
    await generateFile(design, { output, confirm: yes })
    expect(Object.keys((await loadMetrics(output)).t)).toEqual(['c', 'a|b=2,z=1'])
  })

  it('writes nothing where one metric may not be overwritten', async () => {
    const output = await generateFile(`app_metrics:\n${metric('a')}`)
    const before = readFileSync(output)
    const design = `app_metrics:\n${metric('b')}${metric('a', '1')}`
    const asked: string[] = []
    const confirm = async ({ name }: { name: string }) => asked.push(name) < 0
    await expect(generateFile(design, { output, confirm })).rejects.toMatchObject({ exitCode: 7 })
    await expect(generateFile(design, { output })).rejects.toThrow('holds data for a: nothing was written')
    expect(asked).toEqual(['a'])
    expect(readFileSync(output).equals(before)).toBe(true)
  })

  it('keeps a file that it cannot read as it is', async () => {
    const output = join(dirname(await generateFile(`app_metrics:\n${metric('a')}`)), 'other.txt')
    writeFileSync(output, 'not a metrics file')
    await expect(generateFile(`app_metrics:\n${metric('a')}`, { output })).rejects.toThrow('invalid metrics file')
    expect(readFileSync(output, 'utf8')).toBe('not a metrics file')
  })

  it('advances a repeated millisecond by one', async () => {
    const points = (
      await generated(
        oneMetric('frequency: {distribution: uniform, params: {a: 0, b: 1}}\nvalues: 1\n').replace(
          '09:00:00Z',
          '08:00:30Z',
        ),
      )
    )['-'].m
    expect(isRising(points.map(([time]) => time))).toBe(true)
    const still = (
      await generated(
        oneMetric('frequency: {distribution: uniform, params: {a: 0, b: 0}}\nvalues: 1').replace(
          '09:00:00Z',
          '08:00:00.005Z',
        ),
      )
    )['-'].m
    expect(still.map(([time]) => time - at)).toEqual([0, 1, 2, 3, 4])
  })

  it('reads both grammars, quoted and bare times, anchors and merges', async () => {
    const read = await generated(
      'flat: &base {start_time: 2017-12-01, end_time: 2017-12-01T00:02, frequency: 1m, values: 1}\ntype: {m: {<<: *base, values: 2}, n: *base}',
    )
    expect(read).toEqual({
      '-': {
        flat: [
          [Date.UTC(2017, 11, 1), 1],
          [Date.UTC(2017, 11, 1, 0, 1), 1],
        ],
      },
      type: {
        m: [
          [Date.UTC(2017, 11, 1), 2],
          [Date.UTC(2017, 11, 1, 0, 1), 2],
        ],
        n: [
          [Date.UTC(2017, 11, 1), 1],
          [Date.UTC(2017, 11, 1, 0, 1), 1],
        ],
      },
    })
  })

  it('reads relative times from the clock that it is given', async () => {
    const read = await generated('m: {start_time: -2m, end_time: now, frequency: 1m, values: 1}')
    expect(read['-'].m.map(([time]) => time)).toEqual([now - 120_000, now - 60_000])
  })
})

const isRising = (times: readonly number[]): boolean => times.every((time, i) => i === 0 || time > times[i - 1])

describe('--compat clusterman', () => {
  const compat = { compat: true, timezone: 'US/Pacific', seed: '1' } as const

  it('ignores every zone without a plus sign', async () => {
    const times = ['08:00:00Z', '08:00:00-05:00', '08:00:00']
    for (const time of times) {
      const read = await generated(
        `m: {start_time: "2017-12-01T${time}", end_time: "2017-12-02", frequency: 12h, values: 1}`,
        compat,
      )
      expect(read['-'].m[0][0]).toBe(Date.UTC(2017, 11, 1, 16))
    }
    const read = await generated(
      'm: {start_time: "2017-12-01T08:00:00+01:00", end_time: "2017-12-02", frequency: 12h, values: 1}',
      compat,
    )
    expect(read['-'].m[0][0]).toBe(Date.UTC(2017, 11, 1, 7))
  })

  it('makes integers of constants, as int() does, and no points of an empty range', async () => {
    for (const [constant, value] of [
      ['1.9', 1],
      ['-1.9', -1],
      ['"7"', 7],
      ['true', 1],
    ] as const) {
      const read = await generated(oneMetric(`frequency: 30m\nvalues: ${constant}`), compat)
      expect(read['-'].m.map(([, made]) => made)).toEqual([value, value])
    }
    expect(await generated('m: {start_time: now, end_time: now, frequency: 1m, values: 1}', compat)).toEqual({
      '-': { m: [] },
    })
  })

  it('cuts steps to whole seconds, and what a fraction of the start leaves in times', async () => {
    for (const [step, start, seconds] of [
      ['1.5s', '08:00:00', [0, 1, 2, 3, 4]],
      ['2.7s', '08:00:00.7', [0, 2, 4]],
      ['0.025m', '08:00:00', [0, 1, 2, 3, 4]],
    ] as const) {
      const design = oneMetric(`frequency: ${step}\nvalues: 1`).replace('09:00:00Z', '08:00:05Z')
      const read = await generated(design.replace('08:00:00Z', `${start}Z`), compat)
      expect(read['-'].m.map(([time]) => (time / 1_000) % 60)).toEqual(seconds)
    }
    await expect(generated(oneMetric('frequency: 500ms\nvalues: 1'), compat)).rejects.toThrow(
      'm.frequency: expected 1s or more: Clusterman cuts steps to whole seconds, got 500ms',
    )
  })

  it('moves a time that summer time skips back, and takes the first of two', async () => {
    const start = async (time: string) => {
      const design = `m: {start_time: "${time}", end_time: "2017-12-01", frequency: 365d, values: 1}`
      return new Date((await generated(design, compat))['-'].m[0][0]).toISOString()
    }
    expect(await start('2017-03-12T02:30:00')).toBe('2017-03-12T09:30:00.000Z')
    expect(await start('2017-11-05T01:30:00')).toBe('2017-11-05T08:30:00.000Z')
  })

  it('draws every metric from one stream', async () => {
    const read = await generated(`app_metrics:\n${metric('b')}${metric('a')}`, compat)
    const swapped = await generated(`app_metrics:\n${metric('a')}${metric('b')}`, compat)
    expect(swapped.app_metrics.a).toEqual(read.app_metrics.b)
  })

  it('draws metrics in the order of the design, those of merge keys first, as PyYAML has them', async () => {
    const one = '{start_time: now, end_time: -1h, frequency: 1m, values: 1}'
    const design = `t: &t {10: &m ${one}, a: *m}
u: &u {3: *m, a: *m, b: *m}
v: {c: *m, <<: [*t, *u], 2: *m, b: *m}
w: {c: *m, <<: {z: *m, <<: {y: *m, z: *m}}, 1: *m, y: *m}
flat: *m
5: *m`
    const names = parseDesign(design, 'design.yaml').map(({ metric: { type, name } }) => `${type ?? ''}.${name}`)
    expect(names.join(' ')).toBe('t.10 t.a u.3 u.a u.b v.3 v.a v.b v.10 v.c v.2 w.y w.z w.c w.1 .flat .5')
  })
})
