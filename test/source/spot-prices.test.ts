import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'
import type { Query, Source } from '../../src/source/source.ts'
import { day, hour, minute, type Range } from '../../src/time/range.ts'
import { faultsSuite } from '../contract/faults.ts'
import { fakeClock } from '../fakes/clock.ts'
import { errorXml, type FakeEc2, type FakePrice, startFakeEc2 } from '../fakes/ec2.ts'
import { type Fault, startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { type Row, rowsOf, sorted } from '../support/rows.ts'

const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'geheim', AWS_REGION: 'us-west-2' }
const start = Date.UTC(2017, 11, 1, 8)
const range: Range = { start, end: start + hour }
const at = (seconds: number) => start + seconds * 1_000
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const price = (time: number, price: string, type = 'c3.xlarge', zone = 'us-west-2a'): FakePrice => ({
  type,
  zone,
  product: 'Linux/UNIX',
  time,
  price,
})

async function startFake(prices: readonly FakePrice[], pageSize?: number): Promise<FakeEc2> {
  const fake = await startFakeEc2(prices, { pageSize })
  running.push(fake)
  return fake
}

async function open(
  endpoint: string,
  given: Readonly<Record<string, string>> = {},
  now = start + day,
): Promise<Source> {
  const context = { env, caller: caller({ clock: fakeClock() }), stdin: process.stdin, now: () => now }
  return (await openSource('spot-prices', Object.entries({ endpoint, ...given }), context)).source
}

async function read(
  source: Source,
  wanted = range,
  query: Query = {},
  onNotice?: (notice: string) => void,
): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of source.read(query, wanted, { onNotice })) rows.push(...rowsOf(batch))
  expect(rows).toEqual(sorted(rows))
  return rows
}

const market = (type = 'c3.xlarge', zone = 'us-west-2a') =>
  `spot_prices|aws_availability_zone=${zone},aws_instance_type=${type}`

describe('spot-prices', () => {
  it('gives the price in effect at the start, and every later one before the end', async () => {
    const fake = await startFake([
      price(at(-7_200), '0.010000'),
      price(at(-3_600), '0.020000'),
      price(at(60), '0.034500'),
      price(at(3_600), '0.9'),
      price(at(5), '0.5', 'm4.large', 'us-west-2b'),
    ])
    expect(await read(await open(fake.url))).toEqual([
      [market(), start, 0.02],
      [market(), at(60), 0.0345],
      [market('m4.large', 'us-west-2b'), at(5), 0.5],
    ])
  })

  it('asks for the types, zones and product that are wanted only', async () => {
    const all = ['a', 'b'].flatMap((zone) =>
      ['c3.xlarge', 'm4.large', 'r3.large'].map((type) => price(at(1), '1', type, zone)),
    )
    const fake = await startFake([...all, { ...price(at(2), '2', 'r3.large', 'b'), product: 'Windows' }])
    const texts = async (given: Record<string, string>) =>
      (await read(await open(fake.url, given))).map(([text]) => text)
    expect(await texts({})).toHaveLength(6)
    expect(await texts({ instance_types: 'm4.large, r3.large', zones: 'b' })).toEqual([
      market('m4.large', 'b'),
      market('r3.large', 'b'),
    ])
    expect(await texts({ product: 'Windows' })).toEqual([market('r3.large', 'b')])
    expect(fake.requests.at(-1)?.get('ProductDescription.1')).toBe('Windows')
  })

  it('selects series by glob, by name, or by the name of them all', async () => {
    const fake = await startFake([price(at(1), '1', 'c3.xlarge'), price(at(1), '2', 'm4.large')])
    const source = await open(fake.url)
    expect(await read(source, range, { glob: '*m4*' })).toEqual([[market('m4.large'), at(1), 2]])
    expect(await read(source, range, { names: [market()] })).toEqual([[market(), at(1), 1]])
    expect(await read(source, range, { names: ['spot_prices'] })).toHaveLength(2)
    expect(await read(source, range, { names: [] })).toEqual([])
  })

  it('keeps prices as Clusterman does where it is told to: on change, rounded up to a minute, the newest in it', async () => {
    const fake = await startFake([
      price(at(-100), '1'),
      price(at(-30), '2'),
      price(at(10), '3'),
      price(at(50), '4'),
      price(at(70), '4'),
      price(at(240), '5'),
      price(at(3_590), '6'),
    ])
    expect(await read(await open(fake.url, { dedupe: 'true' }))).toEqual([
      [market(), start, 2],
      [market(), at(60), 4],
      [market(), at(240), 5],
    ])
  })

  it('reads many pages, and rows that stand twice once', async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => price(at(i), String(i)))
    const fake = await startFake([...rows, ...rows.slice(0, 40)])
    expect(await read(await open(fake.url))).toHaveLength(2_500)
    expect(fake.requests).toHaveLength(3)
  })

  it('tells the same prices of every instant, however the range is cut, and every change once', async () => {
    const rows = [-300, 0, 1, 59, 60, 1_800, 3_599].map((second, i) => price(at(second), String(i)))
    const fake = await startFake(rows, 2)
    for (const dedupe of ['false', 'true']) {
      const source = await open(fake.url, { dedupe })
      const whole = await read(source)
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 3 }), async (cuts) => {
          const places = [0, ...cuts.sort((a, b) => a - b), 60].map((minutes) => start + minutes * minute)
          const parts = await Promise.all(places.slice(1).map((end, i) => read(source, { start: places[i], end })))
          const points = parts.flat()
          expect(points.filter(([, time]) => !places.includes(time))).toEqual(
            whole.filter(([, time]) => !places.includes(time)),
          )
          for (const time of places.slice(0, -1))
            expect(points.filter((row) => row[1] === time).map(([, , value]) => value)).toEqual([
              whole.findLast((row) => row[1] <= time)?.[2],
            ])
        }),
        { numRuns: 6 },
      )
    }
  })

  it('says that prices are kept for 90 days, and what reading takes', async () => {
    const fake = await startFake([])
    const source = await open(fake.url, {}, start + 100 * day)
    const notices: string[] = []
    expect(await read(source, range, {}, (notice) => notices.push(notice))).toEqual([])
    expect(notices).toEqual(['EC2 keeps no spot prices from before 2017-12-11T08:00:00Z'])
    expect(await source.limits?.({}, { start, end: start + 3 * day }, { now: start })).toEqual({
      span: day,
      settling: 10 * minute,
      cost: { requests: 3 },
    })
  })
})

describe('spot-prices behind a bad connection', () => {
  const prices = Array.from({ length: 30 }, (_, i) => price(at(i), String(i)))

  async function behind(fault: (n: number) => Fault | undefined) {
    const fake = await startFake(prices, 10)
    const proxy = await startFaultyProxy(fake.url)
    running.push(proxy)
    let n = 0
    proxy.fault = () => fault(n++)
    return read(await open(proxy.url))
  }
  const xml = (status: number, code: string): Fault => ({
    status,
    body: errorXml(code),
    headers: { 'Content-Type': 'text/xml' },
  })

  it('does not read for ever', async () => {
    await expect(behind((n) => (n > 0 ? { repeat: true } : undefined))).rejects.toThrow('page after page without end')
    let pages = 0
    const endless = (body: string) => emptied(body).replace(/<nextToken>.*?</, `<nextToken>t${pages++}<`)
    await expect(behind(() => ({ answer: endless }))).rejects.toThrow('page after page without end')
  })

  it('asks for other credentials at once where these are refused, and does not show them', async () => {
    await expect(behind(() => xml(401, 'AuthFailure'))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^access denied: (?!.*geheim)/),
    })
  })
})

faultsSuite('spot-prices', async () => {
  const fake = await startFakeEc2(
    Array.from({ length: 90 }, (_, i) => price(at(i * 120), String(i))),
    { pageSize: 10 },
  )
  afterAll(() => fake.stop())
  const xml = (status: number, code: string): Fault => ({
    status,
    body: errorXml(code),
    headers: { 'Content-Type': 'text/xml' },
  })
  return {
    url: fake.url,
    range: { start, end: start + 3 * hour },
    async open(endpoint, polite) {
      const now = () => start + day
      const context = { env, caller: polite, stdin: process.stdin, now }
      return (await openSource('spot-prices', [['endpoint', endpoint]], context)).source
    },
    isPaged: true,
    throttled: xml(400, 'RequestLimitExceeded'),
    expired: xml(401, 'AuthFailure'),
    skewed: xml(400, 'RequestExpired'),
    tooLarge: {
      fault: xml(413, 'RequestEntityTooLarge'),
      spanOf({ body }) {
        const asked = new URLSearchParams(body)
        return Date.parse(asked.get('EndTime') ?? '') - Date.parse(asked.get('StartTime') ?? '')
      },
    },
    empty: { answer: emptied },
  }
})

/** The same answer without its rows, leading to the first ones. */
const emptied = (body: string): string =>
  body
    .replace(/<spotPriceHistorySet>.*<\/spotPriceHistorySet>/s, '<spotPriceHistorySet/>')
    .replace(/<nextToken>.*?</, '<nextToken>0<')
