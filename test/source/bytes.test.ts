import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'
import { hour } from '../../src/time/range.ts'
import { fakeClock } from '../fakes/clock.ts'
import { bodyOf, type FakeServer, serve } from '../fakes/http-server.ts'

const env = {
  SIGNALFX_API_TOKEN: 't',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'us-west-2',
}
const padding = 'x'.repeat(5_000)
const start = Date.UTC(2026, 0, 1)

interface Client {
  readonly name: string
  open(url: string): { location: string; options?: Record<string, string> }
  /** The body of an answer, for a path. */
  answer(path: string): string
}

const slots = { after_key: undefined, buckets: [] }
const clients: readonly Client[] = [
  {
    name: 'signalfx',
    open: (endpoint) => ({ location: 'signalfx', options: { endpoint } }),
    answer: () => `: ${padding}\nevent: control-message\ndata: {"event":"END_OF_CHANNEL"}\n\n`,
  },
  {
    name: 'elasticsearch',
    open: (node) => ({ location: 'elasticsearch', options: { node, index: 'i' } }),
    answer: (path) =>
      JSON.stringify(
        path.includes('_field_caps')
          ? {
              fields: { m: { double: { aggregatable: true } }, '@timestamp': { date: { aggregatable: true } } },
              padding,
            }
          : { timed_out: false, _shards: { total: 1, failed: 0 }, aggregations: { slots }, padding },
      ),
  },
  {
    name: 'cloudwatch',
    open: (endpoint) => ({ location: 'cloudwatch', options: { endpoint, namespace: 'n', dimensions: 'a=b' } }),
    answer: () => JSON.stringify({ MetricDataResults: [{ Id: 'm0', StatusCode: 'Complete' }], padding }),
  },
  {
    name: 'spot-prices',
    open: (endpoint) => ({ location: 'spot-prices', options: { endpoint } }),
    answer: () =>
      `<DescribeSpotPriceHistoryResponse><spotPriceHistorySet/><nextToken/><p>${padding}</p></DescribeSpotPriceHistoryResponse>`,
  },
  {
    name: 'dynamodb',
    open: (url) => ({ location: `dynamodb://us-west-2/?endpoint=${url}` }),
    answer: () => JSON.stringify({ Items: [], Count: 0, ScannedCount: 0, padding }),
  },
]

let answer: Client['answer']
let served: number[]
let server: FakeServer
beforeAll(async () => {
  server = await serve(async (request, response) => {
    await bodyOf(request)
    const body = answer(request.url ?? '')
    served.push(body.length)
    const type = body.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.0'
    response.writeHead(200, { 'Content-Type': body.startsWith(':') ? 'text/event-stream' : type }).end(body)
  })
})
beforeEach(() => {
  served = []
})
afterAll(() => server.stop())

describe('bytes of answers', () => {
  it.each(clients)('are counted, and no more than asked for come in a second: $name', async (client) => {
    answer = client.answer
    const { location, options = {} } = client.open(server.url)
    const clock = fakeClock()
    const slow = caller({ clock, maxBytesPerSecond: 1_000, concurrency: 1 })
    const context = { env, caller: slow, stdin: process.stdin, now: () => start + 5 * hour }
    const names = client.name === 'dynamodb' ? undefined : ['m']
    const { source } = await openSource(location, Object.entries(options), context)
    for (let i = 0; i < 3; i++)
      for await (const _ of source.read(names ? { names } : {}, { start, end: start + hour })) expect.unreachable()
    expect(served.length).toBeGreaterThanOrEqual(3)
    // Before each request all that has come until then has been waited for.
    const before = served.slice(0, -1).reduce((sum, bytes) => sum + bytes, 0)
    expect(clock.now()).toBeGreaterThanOrEqual(before - 5)
    expect(clock.now()).toBeLessThan(before + 2_000)
  })
})
