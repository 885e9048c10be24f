import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TooLarge } from '../../src/bucket/bucket.ts'
import { caller } from '../../src/bucket/caller.ts'
import { seriesMatcher } from '../../src/metric/matching.ts'
import { selectPoints } from '../../src/metric/points.ts'
import { openSource } from '../../src/source/registry.ts'
import type { Query, Source } from '../../src/source/source.ts'
import { minute, type Range } from '../../src/time/range.ts'
import { faultsSuite } from '../contract/faults.ts'
import { sourceContract } from '../contract/source.ts'
import { fakeClock } from '../fakes/clock.ts'
import { type FaultyProxy, startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { startElasticsearch, startOpenSearch } from '../services/search.ts'
import { type Server, serverOrSkip } from '../services/support.ts'
import { type Row, rowsOf, sorted } from '../support/rows.ts'

const [elasticsearch, openSearch] = await Promise.all([
  serverOrSkip('Elasticsearch', startElasticsearch),
  serverOrSkip('OpenSearch', startOpenSearch),
])
afterAll(async () => {
  await Promise.all([elasticsearch?.stop(), openSearch?.stop()])
})

type Document = Readonly<Record<string, unknown>> & { readonly '@timestamp': number | string }

const mappings = {
  properties: {
    '@timestamp': { type: 'date' },
    host: { type: 'keyword' },
    zone: { type: 'keyword' },
    v: { type: 'double' },
    cpu: { type: 'double' },
    port: { type: 'long' },
    requests: { type: 'long' },
    label: { type: 'text' },
    nanos: { type: 'date_nanos' },
  },
}

let made = 0

/** An index that holds just some documents. */
async function makeIndex(url: string, documents: readonly Document[], name = `test-${made++}`): Promise<string> {
  const json = { 'Content-Type': 'application/json' }
  const settings = { number_of_shards: 2, number_of_replicas: 0 }
  const put = await fetch(`${url}/${name}`, {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ settings, mappings }),
  })
  if (!put.ok) throw new Error(await put.text())
  for (let start = 0; start < documents.length; start += 5_000) {
    const lines = documents.slice(start, start + 5_000).map((one) => `{"index":{}}\n${stringify(one)}\n`)
    const url_ = `${url}/${name}/_bulk?refresh=true`
    const answer = await fetch(url_, { method: 'POST', headers: json, body: lines.join('') })
    expect(await answer.json()).toMatchObject({ errors: false })
  }
  return name
}

const stringify = (document: Document) =>
  JSON.stringify(document, (_key, value) => (typeof value === 'bigint' ? `int:${value}` : value)).replace(
    /"int:(-?\d+)"/g,
    '$1',
  )

const patient = () => caller({ clock: fakeClock() })

async function open(
  url: string,
  index: string,
  given: Readonly<Record<string, string>> = {},
  env = {},
): Promise<Source> {
  const all = Object.entries({ node: url, index, ...given })
  const { source } = await openSource('elasticsearch', all, {
    env,
    caller: patient(),
    stdin: process.stdin,
    now: Date.now,
  })
  return source
}

const start = Date.UTC(2017, 11, 1, 8)
const hour: Range = { start, end: start + 60 * minute }

async function read(source: Source, names: readonly string[], range = hour, query: Query = {}): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of source.read({ names, ...query }, range)) rows.push(...rowsOf(batch))
  return sorted(rows)
}

const servers: [string, Server | undefined][] = [
  ['Elasticsearch', elasticsearch],
  ['OpenSearch', openSearch],
]

for (const [product, server] of servers) {
  if (!server) continue

  const texts = ['v|host=a1', 'v|host=a2', 'v|host=b3'] as const
  const hostOf = (text: string) => text.replace('v|host=', '')
  const documentsOf = (rows: readonly Row[]) =>
    rows.map(([text, time, v]): Document => ({ '@timestamp': time, host: hostOf(text), v: Number(v) }))
  /** The contract names series, where a service's metrics are what is named. */
  const named = (source: Source): Source => ({
    ...source,
    async *read({ names, ...query }, range, options) {
      for await (const batch of source.read({ ...query, names: ['v'] }, range, options)) {
        const wanted = selectPoints(batch, seriesMatcher({ names }))
        if (wanted.length > 0) yield wanted
      }
    },
  })
  sourceContract(`${product}, slot by slot`, { order: 'series', series: texts }, async (rows) =>
    named(await open(server.url, await makeIndex(server.url, documentsOf(rows)), { by: 'host', resolution: '1' })),
  )
  sourceContract(`${product}, document by document`, { order: 'arrival', series: texts }, async (rows) =>
    named(await open(server.url, await makeIndex(server.url, documentsOf(rows)), { by: 'host', raw: 'true' })),
  )
}

for (const [product, server] of servers) {
  if (!server) continue
  for (const raw of ['true', 'false'])
    faultsSuite(`${product}, ${raw === 'true' ? 'document by document' : 'slot by slot'}`, async () => {
      const documents = ['a', 'b'].flatMap((host) =>
        Array.from({ length: 36 }, (_, i): Document => ({ '@timestamp': start + i * 5 * minute, host, cpu: i / 8 })),
      )
      const index = await makeIndex(server.url, documents)
      return {
        url: server.url,
        metrics: ['cpu'],
        range: { start, end: start + 180 * minute },
        async open(node, polite) {
          const options = Object.entries({ node, index, raw, by: 'host' })
          const context = { env: {}, caller: polite, stdin: process.stdin, now: Date.now }
          return (await openSource('elasticsearch', options, context)).source
        },
        isPaged: raw === 'false',
        expired: { status: 401, body: '{"error":{"type":"security_exception","reason":"expired"},"status":401}' },
        tooLarge: {
          fault: {
            status: 503,
            body: '{"error":{"type":"too_many_buckets_exception","reason":"too many"},"status":503}',
          },
          spanOf({ path, body }) {
            const [, from, to] = /"gte":(\d+),"lt":(\d+)/.exec(body) ?? []
            return path.includes('_search?') ? Number(to ?? 0) - Number(from ?? 0) : 0
          },
        },
        empty: { answer: (body) => body.replace(/"(hits|buckets)":\[.*\]/s, '"$1":[]') },
        isPage: ({ path }) => path.includes('_search?'),
      }
    })
}

describe.each(servers.filter(([, server]) => server))('%s before it is read', (_product, server) => {
  it('is bounded by its documents, or by combinations of values and slots, with fields that are missing', async () => {
    const at = (minutes: number) => start + minutes * minute
    const twoHosts = Array.from(
      { length: 240 },
      (_, i): Document => ({ '@timestamp': at(i / 4), host: `${i % 2}`, cpu: i }),
    )
    const some: Document[] = [
      ...twoHosts,
      { '@timestamp': at(3), cpu: 9 },
      { '@timestamp': at(4), host: '0', other: 1 },
    ]
    const index = await makeIndex(server?.url ?? '', some)
    const source = await open(server?.url ?? '', index, { by: 'host', resolution: '60' })
    const query = { names: ['cpu'] }
    expect(await source.estimate?.(query, hour)).toEqual({ series: 3, points: 180, atMost: true })
    expect((await read(source, ['cpu'])).length).toBe(121)
    const short = { start, end: at(1) }
    expect(await source.estimate?.(query, short)).toEqual({ series: 2, points: 2, atMost: true })
    const fine = await open(server?.url ?? '', index, { by: 'host', resolution: '1' })
    expect(await fine.estimate?.(query, hour)).toEqual({ series: 3, points: 241, atMost: true })
  })
})

describe.each(servers.filter(([, server]) => server))('%s as a source', (_product, server) => {
  const url = server?.url ?? ''
  const at = (seconds: number) => start + seconds * 1_000
  const documents: Document[] = [
    { '@timestamp': at(0), host: 'a', zone: 'x', cpu: 1, requests: 3 },
    { '@timestamp': at(10), host: 'a', zone: 'x', cpu: 2.5 },
    { '@timestamp': at(59), host: 'b', cpu: -4, requests: 2n ** 53n + 1n },
    { '@timestamp': at(60), host: 'a', zone: 'x', cpu: 7 },
    { '@timestamp': at(3_600), host: 'a', zone: 'x', cpu: 9 },
  ]
  let index: string
  let proxy: FaultyProxy
  beforeAll(async () => {
    index = await makeIndex(url, documents)
    proxy = await startFaultyProxy(url)
  })
  afterAll(() => proxy.stop())

  it.each([
    ['avg', [1.75, -4, 7]],
    ['sum', [3.5, -4, 7]],
    ['min', [1, -4, 7]],
    ['max', [2.5, -4, 7]],
    ['value_count', [2, 1, 1]],
  ])('takes the %s of each slot, for each combination of fields', async (statistic, [a, b, later]) => {
    const source = await open(url, index, { statistic, by: 'host,zone' })
    expect(await read(source, ['cpu'])).toEqual([
      ['cpu|host=a,zone=x', at(0), a],
      ['cpu|host=a,zone=x', at(60), later],
      ['cpu|host=b', at(0), b],
    ])
  })

  it('gives nothing for slots without a value, of sums too', async () => {
    const source = await open(url, index, { statistic: 'sum', by: 'host' })
    expect((await read(source, ['cpu', 'requests'])).map(([text, time]) => [text, time])).toEqual([
      ['cpu|host=a', at(0)],
      ['cpu|host=a', at(60)],
      ['cpu|host=b', at(0)],
      ['requests|host=a', at(0)],
      ['requests|host=b', at(0)],
    ])
  })

  it('counts a slot whole to the range that holds its start', async () => {
    const source = await open(url, index, { statistic: 'value_count' })
    expect(await read(source, ['cpu'], { start: at(0), end: at(5) })).toEqual([['cpu', at(0), 3]])
    expect(await read(source, ['cpu'], { start: at(5), end: at(60) })).toEqual([])
    expect(await read(source, ['cpu'], { start: at(5), end: at(61) })).toEqual([['cpu', at(60), 1]])
  })

  it('takes documents as they are, integers beyond 2^53 too', async () => {
    const source = await open(url, index, { raw: 'true', by: 'host' })
    expect(await read(source, ['cpu', 'requests'])).toEqual(
      sorted([
        ['cpu|host=a', at(0), 1],
        ['cpu|host=a', at(10), 2.5],
        ['cpu|host=a', at(60), 7],
        ['cpu|host=b', at(59), -4],
        ['requests|host=a', at(0), 3n],
        ['requests|host=b', at(59), 2n ** 53n + 1n],
      ]),
    )
  })

  it('takes only documents that the query means, and a value under another name', async () => {
    const source = await open(url, index, { query: 'host:a AND NOT cpu:7', value_field: 'cpu', statistic: 'max' })
    expect(await read(source, ['load'])).toEqual([['load', at(0), 2.5]])
  })

  it('reads several indices and times in nanoseconds', async () => {
    const nano = await makeIndex(url, [{ '@timestamp': at(5), nanos: '2017-12-01T08:00:00.123456789Z', cpu: 5 }])
    const both = await open(url, `${index},${nano}`, { raw: 'true' })
    expect(await read(both, ['cpu'])).toHaveLength(5)
    const source = await open(url, nano, { raw: 'true', time_field: 'nanos' })
    expect(await read(source, ['cpu'])).toEqual([['cpu', start + 123, 5]])
  })

  it('loses and doubles no document where more than a page stand in one millisecond', async () => {
    const many = Array.from({ length: 6_500 }, (_, i): Document => ({ '@timestamp': at(1), host: 'a', port: i }))
    const name = await makeIndex(url, many)
    const source = await open(url, name, { raw: 'true', by: 'port', value_field: 'port' })
    const rows = await read(source, ['port'])
    expect(new Set(rows.map(([text]) => text)).size).toBe(6_500)
    expect(rows).toHaveLength(6_500)
  })

  it('asks for smaller pages where the service takes them for too large', async () => {
    const setting = (limit: number | null) =>
      fetch(`${url}/_cluster/settings`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ transient: { 'search.max_buckets': limit } }),
      })
    const name = await makeIndex(
      url,
      Array.from({ length: 300 }, (_, i): Document => ({ '@timestamp': at(i), cpu: i })),
    )
    await setting(20)
    proxy.reset()
    const source = await open(proxy.url, name, { resolution: '1' })
    expect(await read(source, ['cpu'])).toHaveLength(300)
    const sizes = proxy.requests.flatMap(
      ({ body }) => /"composite":\{"size":(\d+)/.exec(body)?.slice(1).map(Number) ?? [],
    )
    expect(sizes[0]).toBe(1_000)
    expect(sizes.at(-1)).toBeLessThanOrEqual(20)
    await setting(null)
  })

  it('reads more than 10,000 buckets in pages that hold fewer', async () => {
    const many = Array.from({ length: 10_500 }, (_, i): Document => ({ '@timestamp': at(i), cpu: i }))
    const name = await makeIndex(url, many)
    proxy.reset()
    const source = await open(proxy.url, name, { resolution: '1' })
    expect(await read(source, ['cpu'], { start: at(0), end: at(10_500) })).toHaveLength(10_500)
    const sizes = proxy.requests.flatMap(
      ({ body }) => /"composite":\{"size":(\d+)/.exec(body)?.slice(1).map(Number) ?? [],
    )
    expect(Math.max(...sizes)).toBeLessThan(10_000)
    expect(sizes.length).toBeGreaterThan(10)
  })

  it('tells a planner what reading takes', async () => {
    const now = start + 1e9
    const slots = await open(url, index)
    expect(await slots.limits?.({ names: ['cpu'] }, hour, { now })).toEqual({
      span: 4_000 * minute,
      resolution: minute,
      settling: minute,
      cost: { requests: 3, series: 1, points: 60, atMost: true },
    })
    const raw = await open(url, index, { raw: 'true' })
    expect(await raw.limits?.({ names: ['cpu'] }, hour, { now })).toEqual({
      span: 5_000 * 60 * minute,
      settling: minute,
      cost: { requests: 5, points: 4 },
    })
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(raw.limits?.({ names: ['cpu'] }, hour, { now, signal })).rejects.toThrow('stop')
  })

  it.each([
    ['an index that is not there', { index: 'nowhere' }, 'cpu', 'index not found: nowhere'],
    ['a field that is not there', {}, 'cpuu', 'no field cpuu in'],
    ['a text as a field', { by: 'label' }, 'cpu', 'field label of'],
    ['a query that is none', { query: 'a:[1 TO' }, 'cpu', 'does not understand the query'],
  ])('refuses %s', async (_what, given, metric, message) => {
    const source = await open(url, index, given)
    await expect(read(source, [metric])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    })
  })

  describe.each([
    ['slots', { by: 'host' }],
    ['documents', { raw: 'true', by: 'host' }],
  ])('behind a bad connection, reading %s', (_mode, given) => {
    const isSearch = (path: string) => path.includes('_search?')
    it('asks again where shards failed', async () => {
      const expected = await read(await open(url, index, given), ['cpu'])
      proxy.reset()
      proxy.fault = ({ path, times }) =>
        isSearch(path) && times === 0 ? { answer: (body) => body.replace('"failed":0', '"failed":1') } : undefined
      expect(await read(await open(proxy.url, index, given), ['cpu'])).toEqual(expected)
      expect(proxy.faults).toBeGreaterThan(0)
    })

    it('has the range split where the service runs out of time', async () => {
      proxy.reset()
      proxy.fault = ({ path }) =>
        isSearch(path) ? { answer: (body) => body.replace('"timed_out":false', '"timed_out":true') } : undefined
      await expect(read(await open(proxy.url, index, given), ['cpu'])).rejects.toThrow(TooLarge)
    })

    it('asks for other credentials where these are refused', async () => {
      proxy.reset()
      proxy.fault = () => ({
        status: 401,
        body: '{"error":{"type":"security_exception","reason":"expired"},"status":401}',
      })
      const source = await open(proxy.url, index, { ...given, api_key: 'geheim' })
      const failed = read(source, ['cpu'])
      await expect(failed).rejects.toMatchObject({ exitCode: 2, message: expect.not.stringContaining('geheim') })
      expect(proxy.requests[0].headers.authorization).toBe('ApiKey geheim')
    })
  })

  it('does not take pages that do not add up for the whole', async () => {
    proxy.reset()
    proxy.fault = ({ path, times }) =>
      path.includes('_search?') && times === 0
        ? { answer: (body) => body.replace(/"hits":\[.*\]/s, '"hits":[]') }
        : undefined
    await expect(read(await open(proxy.url, index, { raw: 'true' }), ['cpu'])).rejects.toThrow('do not add up')
  })
})

describe('elasticsearch', () => {
  it('needs metrics, an index, and a password with a user', async () => {
    const source = await open('http://127.0.0.1:1', 'i')
    await expect(source.read({}, hour)[Symbol.asyncIterator]().next()).rejects.toThrow('needs to know the metrics')
    await expect(open('http://127.0.0.1:1', 'i', { username: 'u' })).rejects.toThrow('no password for u')
    await expect(open('http://u:p@127.0.0.1:1', 'i')).rejects.toThrow('must not hold a user')
  })

  it('takes credentials from the environment', async () => {
    const proxy = await startFaultyProxy('http://127.0.0.1:1')
    proxy.fault = () => ({ status: 400 })
    for (const env of [{ ELASTIC_API_KEY: 'k' }, { OPENSEARCH_USERNAME: 'u', OPENSEARCH_PASSWORD: 'p' }])
      await read(await open(proxy.url, 'i', {}, env), ['v']).catch(() => undefined)
    expect(proxy.requests.map(({ headers }) => headers.authorization)).toEqual(['ApiKey k', 'Basic dTpw'])
    await proxy.stop()
  })
})
