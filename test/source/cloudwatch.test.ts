import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type CallerOptions, caller } from '../../src/bucket/caller.ts'
import { seriesMatcher } from '../../src/metric/matching.ts'
import { selectPoints } from '../../src/metric/points.ts'
import { formatSeries, series } from '../../src/metric/series.ts'
import { openSource } from '../../src/source/registry.ts'
import type { Source } from '../../src/source/source.ts'
import { day, floorTo, hour, minute, type Range, split } from '../../src/time/range.ts'
import { faultsSuite } from '../contract/faults.ts'
import { sourceContract } from '../contract/source.ts'
import { fakeClock } from '../fakes/clock.ts'
import { type FakeCloudWatch, type FakeMetric, startFakeCloudWatch } from '../fakes/cloudwatch.ts'
import { type Fault, type FaultyProxy, startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { readArchive } from '../support/cloudwatch-archive.ts'
import { type Row, rowsOf, sorted } from '../support/rows.ts'

const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'geheim', AWS_REGION: 'eu-west-1' }
const start = Date.UTC(2014, 1, 14, 14)
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

async function startFake(
  metrics: readonly FakeMetric[],
  now: () => number,
  pageSize?: number,
): Promise<FakeCloudWatch> {
  const fake = await startFakeCloudWatch({ metrics, now, pageSize })
  running.push(fake)
  return fake
}

async function open(
  endpoint: string,
  {
    now = () => start + day,
    given = {},
    call = {},
  }: { now?: () => number; given?: Record<string, string>; call?: CallerOptions } = {},
): Promise<Source> {
  const options = Object.entries({ namespace: 'AWS/EC2', endpoint, ...given })
  const context = { env, caller: caller({ clock: fakeClock(), ...call }), stdin: process.stdin, now }
  return (await openSource('cloudwatch', options, context)).source
}

async function read(source: Source, names: readonly string[], range: Range, onNotice?: (notice: string) => void) {
  const rows: Row[] = []
  for await (const batch of source.read({ names }, range, { onNotice })) rows.push(...rowsOf(batch))
  return sorted(rows)
}

const metric = (name: string, dimensions: Record<string, string>, points: FakeMetric['points']): FakeMetric => ({
  namespace: 'AWS/EC2',
  name,
  dimensions,
  points,
})
const everyMinute = (count: number, from = start): [number, number][] =>
  Array.from({ length: count }, (_, i) => [from + i * minute, i + 0.25])

sourceContract('CloudWatch', { order: 'series', series: ['v|host=a1', 'v|host=a2', 'v|host=b3'] }, async (rows) => {
  // Values of a second are kept for three hours.
  const now = () => start + 2 * hour
  const hosts = [...new Set(rows.map(([text]) => text))]
  const metrics = hosts.map((text) => {
    const points = rows.filter((row) => row[0] === text).map(([, time, value]) => [time, Number(value)] as const)
    return metric('v', { host: text.replace('v|host=', '') }, points)
  })
  const fake = await startFakeCloudWatch({ metrics, now })
  const source = await open(fake.url, { now, given: { period: '1', accept_coarser: 'true' } })
  return {
    ...source,
    async *read({ names, ...query }, range, options) {
      // The contract asks for hours before, of which nothing so fine is kept.
      const recent = { start: Math.max(range.start, start), end: range.end }
      for await (const batch of source.read({ ...query, names: ['v'] }, recent, options)) {
        const wanted = selectPoints(batch, seriesMatcher({ names }))
        if (wanted.length > 0) yield wanted
      }
    },
  }
})

describe('cloudwatch', () => {
  const range = { start, end: start + hour }

  it.each([
    ['Average', 2.5],
    ['Sum', 10],
    ['Minimum', 1],
    ['Maximum', 4],
    ['SampleCount', 4],
    ['p50', 2],
    ['p99.9', 4],
  ])('takes the %s of the values in a period', async (statistic, expected) => {
    const points = [4, 1, 3, 2].map((value, i) => [start + i * 1_000, value] as const)
    const fake = await startFake([metric('cpu', {}, points)], () => start + day)
    const source = await open(fake.url, { given: { statistic } })
    expect(await read(source, ['cpu'], range)).toEqual([['cpu', start, expected]])
  })

  it('finds metrics of any dimensions, of named ones, and takes those that are told without a look', async () => {
    const points = everyMinute(1)
    const fake = await startFake(
      [
        metric('cpu', {}, points),
        metric('cpu', { host: 'a' }, points),
        metric('cpu', { host: 'b' }, points),
        metric('cpu', { host: 'a', zone: 'x' }, points),
        metric('other', { host: 'a' }, points),
      ],
      () => start + day,
    )
    const found = async (given: Record<string, string>) =>
      (await read(await open(fake.url, { given }), ['cpu'], range)).map(([text]) => text)
    expect(await found({})).toEqual(['cpu', 'cpu|host=a', 'cpu|host=a,zone=x', 'cpu|host=b'])
    expect(await found({ dimensions: 'host' })).toEqual(['cpu|host=a', 'cpu|host=b'])
    expect(await found({ dimensions: 'host=a, zone=*' })).toEqual(['cpu|host=a,zone=x'])
    const looks = fake.requests.filter(({ operation }) => operation === 'ListMetrics').length
    expect(await found({ dimensions: 'host=a' })).toEqual(['cpu|host=a'])
    expect(await found({ dimensions: '' })).toEqual(['cpu'])
    expect(fake.requests.filter(({ operation }) => operation === 'ListMetrics')).toHaveLength(looks)
  })

  it('asks for at most 500 metrics at once, and reads a list of several pages', async () => {
    const metrics = Array.from({ length: 1_203 }, (_, i) => metric('cpu', { host: `h${i}` }, [[start, i]]))
    const fake = await startFake(metrics, () => start + day)
    const rows = await read(await open(fake.url), ['cpu'], range)
    expect(rows.map(([, , value]) => Number(value)).sort((a, b) => a - b)).toEqual(metrics.map((_, i) => i))
    const asked = fake.requests.flatMap(
      ({ input }) => (input as { MetricDataQueries?: unknown[] }).MetricDataQueries?.length ?? [],
    )
    expect(asked).toEqual([500, 500, 203])
  })

  it('asks for at most 100,800 values at once', async () => {
    const metrics = ['a', 'b', 'c'].map((host) =>
      metric('cpu', { host }, [
        [start, 1],
        [start + 39 * day, 2],
      ]),
    )
    const now = () => start + 40 * day
    const fake = await startFake(metrics, now)
    const source = await open(fake.url, { now, given: { period: '300', dimensions: 'host' } })
    expect(await read(source, ['cpu'], { start, end: now() })).toHaveLength(6)
    expect(fake.requests.filter(({ operation }) => operation === 'GetMetricData')).toHaveLength(1)
    const finer = await open(fake.url, { now: () => start + 14 * day, given: { period: '60', dimensions: 'host' } })
    const many = { start, end: start + 40 * day }
    expect((await read(finer, ['cpu'], many)).length).toBeGreaterThan(0)
    expect(fake.requests.filter(({ operation }) => operation === 'GetMetricData')).toHaveLength(3)
    expect((await finer.limits?.({ names: ['cpu'] }, many, { now: start + 14 * day }))?.span).toBe(33_600 * minute)
  })

  it('reads answers of many pages, on which a metric goes on', async () => {
    const metrics = ['a', 'b', 'c'].map((host) => metric('cpu', { host }, everyMinute(60)))
    const fake = await startFake(metrics, () => start + day, 7)
    const rows = await read(await open(fake.url), ['cpu'], range)
    expect(rows).toEqual(
      sorted(
        metrics.flatMap(({ dimensions, points }) =>
          points.map((point): Row => [`cpu|host=${dimensions.host}`, ...point]),
        ),
      ),
    )
  })

  it('asks for the finest period that the age still has, and says so where it is coarse', async () => {
    const metrics = [metric('cpu', {}, everyMinute(120))]
    for (const [age, seconds, count] of [
      [14 * day, 60, 120],
      [16 * day, 300, 24],
      [64 * day, 3_600, 2],
    ]) {
      const now = () => start + age
      const fake = await startFake(metrics, now)
      const source = await open(fake.url, { now, given: { statistic: 'SampleCount', dimensions: '' } })
      const notices: string[] = []
      const two = { start, end: start + 2 * hour }
      expect(await read(source, ['cpu'], two, (notice) => notices.push(notice))).toHaveLength(count)
      expect(notices.join()).toBe(
        seconds === 60 ? '' : `values are of ${seconds} s: CloudWatch keeps no finer ones of their age`,
      )
      expect(await source.limits?.({ names: ['cpu'] }, two, { now: now() })).toMatchObject({
        resolution: seconds * 1_000,
        settling: Math.max(15 * minute, seconds * 1_000),
        cost: { requests: 1, series: 1, points: count, atMost: true, billed: { 'cloudwatch:metrics-requested': 1 } },
      })
    }
  })

  it('asks for nothing once planning is interrupted', async () => {
    const fake = await startFake([metric('cpu', {}, everyMinute(1))], () => start + day)
    const source = await open(fake.url)
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(source.limits?.({ names: ['cpu'] }, range, { now: start + day, signal })).rejects.toThrow('stop')
    expect(fake.requests).toEqual([])
  })

  it('does not take coarser values than were planned, unless it may', async () => {
    let time = start + 15 * day - minute
    const fake = await startFake([metric('cpu', {}, everyMinute(60))], () => time)
    const open_ = (accept_coarser: string) =>
      open(fake.url, { now: () => time, given: { accept_coarser, dimensions: '' } })
    const [strict, lenient] = [await open_('false'), await open_('true')]
    expect(await read(strict, ['cpu'], range)).toHaveLength(60)
    time += 2 * minute
    await expect(read(strict, ['cpu'], range)).rejects.toThrow('no values of 60 s from 2014-02-14T14:00:00Z any more')
    expect(await read(lenient, ['cpu'], range)).toHaveLength(12)
  })

  it('counts a period whole to the range that holds its start', async () => {
    const fake = await startFake([metric('cpu', {}, everyMinute(10))], () => start + day)
    const source = await open(fake.url, { given: { period: '300', statistic: 'SampleCount' } })
    expect(await read(source, ['cpu'], { start: start + 1, end: start + 5 * minute })).toEqual([])
    expect(await read(source, ['cpu'], { start: start + 1, end: start + 5 * minute + 1 })).toEqual([
      ['cpu', start + 5 * minute, 5],
    ])
    expect(await read(source, ['cpu'], { start, end: start + 1 })).toEqual([['cpu', start, 5]])
  })

  it.each([
    [{ statistic: 'Mean' }, 'invalid statistic of cloudwatch: expected Average'],
    [{ period: '90' }, 'invalid period: expected auto'],
    [{ period: '0' }, 'invalid period: expected auto'],
    [{ dimensions: '=x' }, 'invalid dimensions: expected Name=value'],
  ])('refuses %j', async (given, message) => {
    await expect(open('http://127.0.0.1:1', { given })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    })
  })
})

describe('cloudwatch behind a bad connection', () => {
  const range = { start, end: start + hour }
  const answer = (status: number, __type: string): Fault => ({
    status,
    headers: { 'Content-Type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type, message: 'no' }),
  })

  async function behind(fault: (n: number, body: string) => Fault | undefined, call: CallerOptions = {}) {
    const metrics = ['a', 'b'].map((host) => metric('cpu', { host }, everyMinute(60)))
    const fake = await startFake(metrics, () => start + day, 25)
    const proxy: FaultyProxy = await startFaultyProxy(fake.url)
    running.push(proxy)
    let n = 0
    proxy.fault = ({ body }) => fault(n++, body)
    return { proxy, rows: await read(await open(proxy.url, { call }), ['cpu'], range) }
  }

  it('gives up an answer that does not come, and asks again', async () => {
    const { rows } = await behind((n) => (n === 0 ? { stall: 0 } : undefined), { timeout: 200 })
    expect(rows).toHaveLength(120)
  })

  it('asks again where the service has failed on a metric inside of its answer', async () => {
    const failed = (body: string) => body.replace(/"StatusCode":"\w+"/, '"StatusCode":"InternalError"')
    const { rows } = await behind((n) => (n === 1 || n === 2 ? { answer: failed } : undefined))
    expect(rows).toHaveLength(120)
  })

  it('does not take a part for the whole', async () => {
    const cut = (body: string) => body.replace(/,"NextToken":"\d+"/, '')
    await expect(behind((n) => (n === 1 ? { answer: cut } : undefined))).rejects.toThrow(
      'gave only a part of cpu|host=a',
    )
    await expect(behind((n) => (n > 1 ? { repeat: true } : undefined))).rejects.toThrow('same page')
    const said = (body: string) =>
      body.replace('"Messages":[]', '"Messages":[{"Code":"MaxMetricsExceeded","Value":"x"}]')
    await expect(behind((n) => (n > 0 ? { answer: said } : undefined))).rejects.toThrow(
      /leaves something out: MaxMetricsExceeded: x, and nothing is left to split/,
    )
    expect((await behind((n) => (n === 1 ? { answer: said } : undefined))).rows).toHaveLength(120)
  })

  it('asks for fewer metrics where not even one period of all is small enough', async () => {
    const isLarge = (body: string) => (body.match(/"Id":/g) ?? []).length > 1
    const { rows } = await behind((_n, body) => (isLarge(body) ? answer(413, 'RequestEntityTooLarge') : undefined))
    expect(rows).toHaveLength(120)
  })

  it('asks for other credentials at once where these are refused, and does not show them', async () => {
    const failed = behind(() => answer(403, 'ExpiredTokenException'))
    await expect(failed).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^access denied: (?!.*geheim)/),
    })
  })
})

faultsSuite('CloudWatch', async () => {
  const metrics = ['a', 'b'].map((host) => metric('cpu', { host }, everyMinute(180)))
  const now = () => start + day
  const fake = await startFakeCloudWatch({ metrics, now, pageSize: 25 })
  afterAll(() => fake.stop())
  const answer = (status: number, __type: string): Fault => ({
    status,
    headers: { 'Content-Type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type, message: 'no' }),
  })
  return {
    url: fake.url,
    metrics: ['cpu'],
    range: { start, end: start + 3 * hour },
    now,
    async open(endpoint, polite) {
      const options = Object.entries({ namespace: 'AWS/EC2', endpoint })
      return (await openSource('cloudwatch', options, { env, caller: polite, stdin: process.stdin, now })).source
    },
    isPaged: true,
    throttled: answer(400, 'ThrottlingException'),
    expired: answer(403, 'ExpiredTokenException'),
    skewed: answer(400, 'RequestExpired'),
    tooLarge: {
      fault: answer(400, 'LimitExceededException'),
      spanOf({ body }) {
        const { StartTime = 0, EndTime = 0 } = JSON.parse(body)
        return (EndTime - StartTime) * 1_000
      },
    },
    empty: { answer: withToken },
    isPage: ({ headers }) => String(headers['x-amz-target']).endsWith('GetMetricData'),
  }
})

/** The first page of an answer without its values, leading to the same place. */
const withToken = (body: string): string =>
  JSON.stringify({ ...JSON.parse(body), MetricDataResults: [], NextToken: '0' })

const archive = readArchive()

describe.skipIf(!archive)('the real values of the archive', () => {
  it('come out of CloudWatch as they went in', async () => {
    const rows = archive ?? []
    const names = [...new Set(rows.map(([text]) => text))]
    const metrics = names.map((text) =>
      metric(
        text,
        { host: 'one' },
        rows.filter((row) => row[0] === text).map(([, time, value]) => [time, Number(value)]),
      ),
    )
    const times = rows.map(([, time]) => time)
    const whole = { start: Math.min(...times) - hour, end: Math.max(...times) + hour }
    const all: Row[] = []
    // Values of a minute are kept for 15 days: each part is read while it is young.
    for (const part of split(whole, 10 * day)) {
      const now = () => part.start + 14 * day
      const fake = await startFake(metrics, now, 5_000)
      const source = await open(fake.url, { now, given: { dimensions: 'host=one' } })
      all.push(...(await read(source, names, part)))
    }
    const expected = rows.map(
      ([text, time, value]): Row => [formatSeries(series(text, { host: 'one' })), floorTo(time, minute), Number(value)],
    )
    expect(all).toHaveLength(expected.length)
    expect(all.length).toBeGreaterThan(10_000)
    expect(sorted(all)).toEqual(sorted(expected))
  })
})
