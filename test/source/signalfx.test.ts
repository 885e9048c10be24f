import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import type { PointBatch } from '../../src/metric/points.ts'
import { parseGivenOption } from '../../src/source/options.ts'
import { openSource } from '../../src/source/registry.ts'
import { serverEvents } from '../../src/source/signalfx/events.ts'
import { signalFlowProgram } from '../../src/source/signalfx/program.ts'
import { day, minute, type Range } from '../../src/time/range.ts'
import { faultsSuite } from '../contract/faults.ts'
import { type FakeSignalFlow, type SignalFxSeries, startSignalFlow } from '../fakes/signalflow.ts'
import { opened, runBackfill } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Row, rowsOf, sorted } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const at = (minutes: number) => start + minutes * minute
const minutes = (from: number, to: number): Range => ({ start: at(from), end: at(to) })
const series: SignalFxSeries[] = [
  {
    metric: 'cpu "a"',
    dimensions: { AZ: 'us-west-2a', inst_type: 'c3.xlarge', host: 'one' },
    points: [
      [at(0), 1.5],
      [at(1) + 17, 2],
      [at(61), -4.25],
    ],
  },
  {
    metric: 'cpu "a"',
    dimensions: { AZ: 'us-west-2a', inst_type: 'c3.xlarge', host: 'two' },
    points: [
      [at(0), 10],
      [at(61), 1],
    ],
  },
  {
    metric: 'cpu "a"',
    dimensions: { AZ: "us'b", host: 'three' },
    points: [
      [at(1), 7],
      [at(1) + 30_000, 9],
    ],
  },
  {
    metric: 'mem',
    dimensions: { AZ: 'us-west-2a' },
    points: [
      [at(30), 5],
      [at(7_300), 6],
    ],
  },
]
const token = 'a-very-secret-token'

let server: FakeSignalFlow
beforeAll(async () => {
  server = await startSignalFlow({ token, series })
})
afterAll(() => server.stop())
beforeEach(() => {
  server.requests.length = 0
  server.fault = () => undefined
  server.coarseBefore = 0
})

async function open(...given: string[]) {
  const all = [`endpoint=${server.url}`, ...given].map(parseGivenOption)
  async function* none() {}
  const polite = caller({ retries: 3, timeout: 300, clock: { now: Date.now, random: () => 0, sleep: async () => {} } })
  return openSource('signalfx', all, {
    env: { SIGNALFX_API_TOKEN: token },
    caller: polite,
    stdin: none(),
    now: Date.now,
  })
}

async function read(range: Range, metrics: readonly string[], ...given: string[]): Promise<Row[]> {
  const { source } = await open(...given)
  const batches: PointBatch[] = []
  for await (const batch of source.read({ names: metrics }, range)) batches.push(batch)
  return sorted(batches.flatMap(rowsOf))
}

const summed: Row[] = [
  ['cpu "a"|AZ=us\'b', at(1), 8],
  ['cpu "a"|AZ=us-west-2a,inst_type=c3.xlarge', at(0), 11.5],
  ['cpu "a"|AZ=us-west-2a,inst_type=c3.xlarge', at(1), 2],
  ['cpu "a"|AZ=us-west-2a,inst_type=c3.xlarge', at(61), -3.25],
]

describe('signalfx', () => {
  it('sums series by zone and instance type, each dimension that is there a tag', async () => {
    expect(await read(minutes(0, 120), ['cpu "a"'])).toEqual(sorted(summed))
  })

  it('keeps every series with aggregate=none, and makes one with by=', async () => {
    const rows = await read(minutes(0, 1), ['cpu "a"'], 'aggregate=none')
    expect(rows.map(([text]) => text)).toEqual([
      'cpu "a"|AZ=us-west-2a,host=one,inst_type=c3.xlarge',
      'cpu "a"|AZ=us-west-2a,host=two,inst_type=c3.xlarge',
    ])
    expect(await read(minutes(0, 2), ['cpu "a"'], 'by=')).toEqual([
      ['cpu "a"', at(0), 11.5],
      ['cpu "a"', at(1), 10],
    ])
  })

  it('takes the series that all filters let through, by either name of the option', async () => {
    const given = ['filter=host:two', 'filters=AZ:us-west-2a']
    expect((await read(minutes(0, 120), ['cpu "a"'], ...given)).map(([, , value]) => value)).toEqual([10, 1])
  })

  it('estimates the points of several series from the end of the range', async () => {
    const { source } = await open()
    const query = { names: ['cpu "a"'] }
    expect(await source.estimate?.(query, minutes(0, 2))).toEqual({ series: 2, points: 3 })
    expect(await source.estimate?.(query, minutes(0, 120))).toEqual({ series: 1, points: 2 })
    expect(await source.estimate?.(query, minutes(100, 120))).toEqual({})
    expect((await open('by=')).source.estimate).toBeUndefined()
  })

  it('never doubles or loses a point, however a range is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 120 * 60_000 }), { maxLength: 3 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), 120 * 60_000].map((ms) => start + ms)
        const parts: Row[] = []
        for (const [i, end] of places.slice(1).entries())
          if (end > places[i]) parts.push(...(await read({ start: places[i], end }, ['cpu "a"'])))
        expect(sorted(parts)).toEqual(sorted(summed))
      }),
      { numRuns: 6 },
    )
  })

  it.each([
    ['429 with Retry-After', { status: 429, retryAfter: '0' }],
    ['503', { status: 503 }],
    ['a reset', { reset: 6 }],
    ['a stream that ends too early', { end: 7 }],
    ['a stream that falls silent', { stall: 6 }],
  ])('asks again after %s', async (_, fault) => {
    server.fault = (n) => (n < 2 ? fault : undefined)
    expect(await read(minutes(0, 120), ['cpu "a"'])).toEqual(sorted(summed))
    expect(server.requests).toHaveLength(3)
  })

  it.each([
    [{ abort: 'too much data' }, /signalfx aborted the computation: too much data/],
    [{ error: 'ANALYTICS_INTERNAL' }, /signalfx cannot run the program: .*ANALYTICS_INTERNAL/],
    [{ status: 400 }, /signalfx refused the program: refused with 400/],
    [{ status: 401 }, /signalfx does not accept the token/],
  ])('fails where asking again does not help: %j', async (fault, message) => {
    server.fault = () => fault
    await expect(read(minutes(0, 120), ['cpu "a"'])).rejects.toThrow(message)
    expect(server.requests).toHaveLength(1)
  })

  it('tells where the service computed a coarser resolution', async () => {
    server.coarseBefore = at(1_000_000)
    const notices: string[] = []
    const { source } = await open()
    const rows: Row[] = []
    for await (const batch of source.read({ names: ['cpu "a"'] }, minutes(0, 120), {
      onNotice: (text) => notices.push(text),
    }))
      rows.push(...rowsOf(batch))
    expect(notices).toEqual(['cpu "a" has a resolution of 300 s instead of 60 s'])
    expect(new Set(rows.map(([, time]) => time % (5 * minute)))).toEqual(new Set([0]))
  })

  it('is asked for at most five days at once, however long a range is and wherever it begins', async () => {
    const { source, concurrency } = await open('by=')
    const from = { ...opened(source), needsMetric: true }
    const long = { start: start - 3 * day + 7 * minute, end: start + 12 * day + minute }
    const path = join(mkdtempSync(join(root, 'case-')), 'lake')
    const summary = await runBackfill(
      source,
      { kind: 'lake', path },
      { from, metrics: ['mem'], range: long, concurrency },
    )
    expect(summary).toMatchObject({ exitCode: 0, report: { points: 2 } })
    const asked = server.requests.map((request) => [request.start, request.stop]).sort(([a], [b]) => a - b)
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.every(([from_, to]) => to - from_ <= 5 * day)).toBe(true)
    expect([asked[0][0], asked.at(-1)?.[1]]).toEqual([long.start, long.end])
    for (const [i, [begin]] of asked.slice(1).entries()) expect(begin).toBe(asked[i][1])
  })

  it('knows its limits: spans of five days, a quarter of an hour to settle, a request a metric', async () => {
    const { source } = await open('by=')
    const limits = await source.limits?.({ names: ['a', 'b'] }, { start, end: start + 6 * day }, { now: start })
    expect(limits).toEqual({
      span: 5 * day,
      resolution: minute,
      settling: 15 * minute,
      cost: { requests: 4, series: 2, points: 2 * 6 * 24 * 60, atMost: true },
    })
  })

  it('needs a token, of which its description knows nothing', async () => {
    const context = { env: {}, caller: caller(), stdin: (async function* () {})(), now: Date.now }
    await expect(openSource('signalfx', [], context)).rejects.toThrow('signalfx needs a token')
    const { description } = await openSource('signalfx', [['api_token', token]], context)
    expect(JSON.stringify(description)).not.toContain(token)
    expect(description).toMatchObject({ kind: 'signalfx', realm: 'us1', resolution: minute, by: ['AZ', 'inst_type'] })
  })
})

describe('the program', () => {
  const options = {
    filters: [
      ['region', 'r1'],
      ['c', 'd'],
    ],
    extrapolation: 'last_value',
    maxExtrapolations: 3,
    rollup: 'average',
    aggregate: 'sum',
    by: ['AZ', 'inst_type'],
  } as const

  it("is that of Clusterman's scraper, to the letter", () => {
    expect(signalFlowProgram('foo', options)).toBe(`data(
    "foo",
    filter=filter("region", "r1") and filter("c", "d"),
    extrapolation="last_value",
    maxExtrapolations=3,
    rollup="average"
).sum(by=['AZ', 'inst_type']).publish()
`)
    expect(signalFlowProgram('foo', { ...options, filters: [], rollup: undefined, aggregate: undefined })).toBe(`data(
    "foo",
    filter=None,
    extrapolation="last_value",
    maxExtrapolations=3,
    rollup=None
).publish()
`)
  })

  it('cannot be broken out of', () => {
    const program = signalFlowProgram('a"), data("b', { ...options, filters: [['x"', '\\"\n']], by: ["it's", '\\'] })
    expect(program).toContain('"a\\"), data(\\"b"')
    expect(program).toContain('filter("x\\"", "\\\\\\"\\n")')
    expect(program).toContain(`by=['it\\'s', '\\\\']`)
  })
})

describe('server-sent events', () => {
  const events = [
    { type: 'data', data: '{"a":"naïve 😀"}' },
    { type: 'message', data: 'two\nlines' },
  ]
  const body = (newline: string) =>
    Buffer.from(
      [
        'event: data',
        'data: {"a":"naïve 😀"}',
        '',
        ': heartbeat',
        '',
        'data:two',
        'data: lines',
        'id: 7',
        '',
        'data: unfinished',
      ].join(newline),
    )

  it.each(['\n', '\r\n', '\r'])('are the same however the body is cut, with %j between lines', async (newline) => {
    const all = body(newline)
    for (let size = 1; size <= all.length; size++) {
      async function* packets() {
        for (let from = 0; from < all.length; from += size) yield all.subarray(from, from + size)
      }
      const found = []
      for await (const event of serverEvents(packets())) found.push(event)
      expect(found).toEqual(events)
    }
  })
})

faultsSuite('signalfx', async () => {
  const hosts = ['one', 'two'].map((host) => ({
    metric: 'cpu',
    dimensions: { host },
    points: Array.from({ length: 36 }, (_, i): [number, number] => [at(i * 5), i / 8]),
  }))
  const faulty = await startSignalFlow({ token, series: hosts })
  afterAll(() => faulty.stop())
  return {
    url: faulty.url,
    metrics: ['cpu'],
    range: minutes(0, 180),
    async open(url, polite) {
      const options = [`endpoint=${url}`, 'by=host'].map(parseGivenOption)
      const context = { env: { SIGNALFX_API_TOKEN: token }, caller: polite, stdin: process.stdin, now: Date.now }
      return (await openSource('signalfx', options, context)).source
    },
    isPaged: false,
    tooLarge: {
      fault: {
        status: 200,
        headers: { 'Content-Type': 'text/event-stream' },
        body: `event: control-message\ndata: {"event":"CHANNEL_ABORT","abortInfo":{"sf_job_abortReason":"Too many data points"}}\n\n`,
      },
      spanOf({ path }) {
        const asked = new URL(path, 'http://fake').searchParams
        return Number(asked.get('stop')) - Number(asked.get('start'))
      },
    },
    expired: { status: 401, body: '{"code":401,"message":"Unauthorized"}' },
    empty: { answer: () => 'event: control-message\ndata: {"event":"STREAM_START"}\n\n' },
  }
})
