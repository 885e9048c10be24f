import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type CallerOptions, caller } from '../../../src/bucket/caller.ts'
import { full } from '../../../src/time/granularity.ts'
import { minute } from '../../../src/time/range.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { fakeClock } from '../../fakes/clock.ts'
import { type Fault, type FaultyProxy, type ProxiedRequest, startFaultyProxy } from '../../fakes/faulty-proxy.ts'
import { startDynamoDB } from '../../services/dynamodb.ts'
import { serverOrSkip } from '../../services/support.ts'
import { pointsOf, type Row, rowsOf, sorted } from '../../support/rows.ts'
import { newAccount, openDynamo } from './support.ts'

const server = await serverOrSkip('DynamoDB Local', startDynamoDB)
const start = Date.UTC(2017, 11, 1, 8)
const range = { start, end: start + 1e10 }
const points = (series: string, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => [series, start + i * minute, i + 0.5])

const operation = ({ headers }: ProxiedRequest) => String(headers['x-amz-target']).split('.')[1]

/** As DynamoDB says that it is too busy: HTTP 400 with a code. */
const throttled: Fault = {
  status: 400,
  headers: { 'Content-Type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'slow down',
  }),
}

const failure = (status: number, code: string): Fault => ({
  status,
  headers: { 'Content-Type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message: 'no' }),
})

describe.skipIf(!server)('a DynamoDB behind a bad connection', () => {
  let proxy: FaultyProxy
  beforeAll(async () => {
    proxy = await startFaultyProxy(server?.url ?? '')
  })
  afterEach(() => proxy.reset())
  afterAll(async () => {
    await proxy.stop()
    await server?.stop()
  })

  /** Waits take no time, unless the real clock is given. */
  async function openStore(options: CallerOptions = {}) {
    const clock = options.clock ?? fakeClock()
    const store = openDynamo(proxy.url, {
      credentials: newAccount(),
      clock: { ...clock, now: systemClock.now },
      caller: caller({ clock, ...options }),
    })
    await store.createTables()
    proxy.reset()
    const put = (rows: readonly Row[]) => store.replace({ granularity: full, range, series: 'all' }, [pointsOf(rows)])
    const read = async () => {
      const found: Row[] = []
      for await (const batch of store.read({ granularity: full }, range)) found.push(...rowsOf(batch))
      return sorted(found)
    }
    return { put, read }
  }

  it('sends at most 25 items in a batch', async () => {
    const { put, read } = await openStore()
    const rows = [...points('a|@type=metadata', 60), ...points('b|@type=system_metrics', 17)]
    await put(rows)
    const sizes = proxy.requests
      .filter((request) => operation(request) === 'BatchWriteItem')
      .map(({ body }) => Object.values<unknown[]>(JSON.parse(body).RequestItems).flat().length)
    expect(sizes.sort()).toEqual([2, 25, 25, 25])
    expect(await read()).toEqual(rows)
  })

  it('reads on where a page of 1 MB ends', async () => {
    const { put, read } = await openStore()
    const name = 'long'.repeat(200)
    const rows = points(`${name}|@type=metadata`, 1_500)
    await put(rows)
    proxy.reset()
    expect(await read()).toEqual(rows)
    expect(proxy.requests.filter((request) => operation(request) === 'Query').length).toBeGreaterThan(1)
  })

  it('writes again what is left unprocessed, until nothing is', async () => {
    const { put, read } = await openStore()
    const rows = points('a|@type=metadata', 60)
    let held = 0
    proxy.fault = (request) => {
      if (operation(request) !== 'BatchWriteItem') return undefined
      const [[table, all]] = Object.entries<unknown[]>(JSON.parse(request.body).RequestItems)
      const kept = all.slice(0, Math.max(1, all.length - 7))
      held += all.length - kept.length
      return {
        ask: JSON.stringify({ RequestItems: { [table]: kept } }),
        answer: unprocessed(table, all.slice(kept.length)),
      }
    }
    await put(rows)
    expect(held).toBeGreaterThan(20)
    proxy.reset()
    expect(await read()).toEqual(rows)
  })

  const passing: [string, (request: ProxiedRequest, n: number) => Fault | undefined][] = [
    ['throttling as HTTP 400', (_request, n) => (n % 3 === 0 ? throttled : undefined)],
    ['503 with Retry-After', (_request, n) => (n % 4 === 1 ? { status: 503, retryAfter: '2' } : undefined)],
    ['500 without a body', (_request, n) => (n % 4 === 2 ? { status: 500 } : undefined)],
    ['connections that break', (_request, n) => (n % 3 === 1 ? { reset: 0.5 } : undefined)],
    ['bodies cut short', (_request, n) => (n % 3 === 2 ? { shorten: 0.7 } : undefined)],
    ['a clock that is wrong', (_request, n) => (n % 5 === 0 ? failure(400, 'RequestExpired') : undefined)],
  ]
  it.each(passing)('holds and gives the same in spite of %s', async (_what, fault) => {
    const { put, read } = await openStore()
    const rows = [...points('a|@type=metadata', 80), ...points('b|@key=x,@type=metadata', 5)]
    let n = 0
    proxy.fault = (request) => fault(request, n++)
    await put(rows)
    expect(await read()).toEqual(rows)
    expect(proxy.faults).toBeGreaterThan(3)
  })

  it('gives up an answer that does not come, and asks again', async () => {
    const { put, read } = await openStore({ timeout: 300 })
    proxy.fault = () => (proxy.faults === 0 ? { stall: 0 } : undefined)
    await put(points('a|@type=metadata', 3))
    expect(await read()).toHaveLength(3)
    expect(proxy.faults).toBe(1)
  })

  it('fails, and says why, where throttling does not end', async () => {
    const { put } = await openStore({ retries: 2 })
    proxy.fault = (request) => (operation(request) === 'BatchWriteItem' ? throttled : undefined)
    await expect(put(points('a|@type=metadata', 3))).rejects.toThrow(/metadata: ProvisionedThroughputExceeded/)
    expect(proxy.faults).toBe(3)
  })

  it.each([
    ['ExpiredTokenException', 400],
    ['AccessDeniedException', 400],
    ['UnrecognizedClientException', 400],
  ])('asks for other credentials at once at %s', async (code, status) => {
    const { put } = await openStore()
    proxy.fault = () => failure(status, code)
    await expect(put(points('a|@type=metadata', 3))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('access denied'),
    })
  })

  it('does not read one page for ever', async () => {
    const { put, read } = await openStore()
    await put(points('a|@type=metadata', 3))
    const body = JSON.stringify({ Items: [], LastEvaluatedKey: { key: { S: 'a' }, timestamp: { N: '1' } } })
    proxy.fault = (request) => (operation(request) === 'Query' ? { ...throttled, status: 200, body } : undefined)
    await expect(read()).rejects.toThrow('the same page')
  })
})

const unprocessed = (table: string, requests: unknown[]) => (): string =>
  JSON.stringify({ UnprocessedItems: requests.length > 0 ? { [table]: requests } : {} })
