import { afterAll, describe, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'
import { openDynamoDB } from '../../src/store/dynamodb/location.ts'
import { full } from '../../src/time/granularity.ts'
import { minute } from '../../src/time/range.ts'
import { faultsSuite } from '../contract/faults.ts'
import { sourceContract } from '../contract/source.ts'
import type { Fault } from '../fakes/faulty-proxy.ts'
import { startDynamoDB } from '../services/dynamodb.ts'
import { serverOrSkip } from '../services/support.ts'
import { newAccount } from '../store/dynamodb/support.ts'
import { pointsOf, type Row } from '../support/rows.ts'

const server = await serverOrSkip('DynamoDB Local', startDynamoDB)
afterAll(() => server?.stop())

const location = `dynamodb://us-east-1/mine_?endpoint=${server?.url}`

async function open(rows: readonly Row[]) {
  const env = await hold(rows)
  return openSource(location, [], { env, caller: caller(), stdin: process.stdin, now: Date.now })
}

/** Makes tables that hold just some rows, in an account of their own. */
async function hold(rows: readonly Row[]) {
  const { accessKeyId, secretAccessKey } = newAccount()
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  await using store = openDynamoDB(location, env)
  await store.createTables()
  const range = { start: 0, end: 4e12 }
  await store.replace({ granularity: full, range, series: 'all' }, [pointsOf(rows)])
  return env
}

if (server) {
  const series = ['m|@type=metadata,k=1', 'm|@type=metadata,k=2', 'n|@type=metadata,k=3'] as const
  sourceContract('DynamoDB', { order: 'series', series }, async (rows) => (await open(rows)).source)
}

if (server) {
  const start = Date.UTC(2017, 11, 1, 8)
  const rows = ['a', 'b'].flatMap((k) =>
    Array.from({ length: 36 }, (_, i): Row => [`m|@type=metadata,k=${k}`, start + i * 5 * minute, i / 8]),
  )
  const answer = (__type: string): Fault => ({
    status: 400,
    headers: { 'Content-Type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${__type}`, message: 'no' }),
  })
  faultsSuite('DynamoDB', async () => {
    const env = await hold(rows)
    return {
      url: server.url,
      range: { start, end: start + 180 * minute },
      async open(url, polite) {
        const place = `dynamodb://us-east-1/mine_?endpoint=${url}`
        return (await openSource(place, [], { env, caller: polite, stdin: process.stdin, now: Date.now })).source
      },
      isPaged: true,
      throttled: answer('ProvisionedThroughputExceededException'),
      expired: answer('ExpiredTokenException'),
      skewed: answer('RequestExpired'),
    }
  })
}

describe('a location of DynamoDB', () => {
  it.skipIf(!server)('is what a job knows of it', async () => {
    const { name, needsMetric, description } = await open([])
    expect({ name, needsMetric, description }).toEqual({
      name: 'dynamodb',
      needsMetric: false,
      description: { kind: 'dynamodb', location },
    })
  })

  it.each([
    ['dynamodb://r?ttl=some', 'invalid ttl: expected full, remaining, none, got some'],
    ['dynamodb://r?ttl=full', 'ttl=full needs a number of days'],
    ['dynamodb://r?ttl-days=-1', 'invalid ttl-days: expected a number above 0, got -1'],
    ['dynamodb://r?table=x', 'unknown parameter in dynamodb://r: table'],
    ['dynamodb://key:secret@r', 'a location must not hold a user or a password'],
  ])('that is wrong is refused: %s', (wrong, message) => {
    expect(() => openDynamoDB(wrong)).toThrow(message)
  })

  it('that says how long points live leaves that to no flag', () => {
    expect(() => openDynamoDB('dynamodb://r?ttl-days=1', {}, { ttl: 'none' })).toThrow('is given twice')
    expect(() => openDynamoDB('dynamodb://r', {}, { ttl: 'full' })).toThrow('ttl=full needs a number of days')
    expect(() => openDynamoDB('dynamodb://r', {}, { ttl: 'remaining', ttlDays: 'x' })).toThrow('invalid ttl-days')
  })
})
