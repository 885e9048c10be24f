import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DynamoStoreOptions } from '../../../src/store/dynamodb/dynamodb.ts'
import type { RowQuery, SeriesSelector } from '../../../src/store/store.ts'
import { full, min5 } from '../../../src/time/granularity.ts'
import { second } from '../../../src/time/range.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { storeContract } from '../../contract/store.ts'
import { fakeClock } from '../../fakes/clock.ts'
import { startDynamoDB } from '../../services/dynamodb.ts'
import { serverOrSkip } from '../../services/support.ts'
import { pointsOf, type Row, rowsOf, sorted } from '../../support/rows.ts'
import { type Account, newAccount, openDynamo, untyped } from './support.ts'

const server = await serverOrSkip('DynamoDB Local', startDynamoDB)
afterAll(() => server?.stop())

if (server) {
  const traits = { granularity: full, isFinite: true, hasWriters: false, usesFileSystem: false }
  storeContract('DynamoDB', traits, () => {
    const account = newAccount()
    return {
      async open() {
        const store = openDynamo(server.url, { credentials: account })
        await store.createTables()
        return untyped(store)
      },
    }
  })
}

const at = (seconds: number) => Date.UTC(2017, 11, 1, 8) + seconds * second
const always = { start: at(-1e6), end: at(1e6) }
const stamp = (seconds: number) => ({ N: String(at(seconds) / second) })

describe.skipIf(!server)('a DynamoDB', () => {
  let account: Account
  const client = () =>
    new DynamoDBClient({ endpoint: server?.url, region: 'us-west-2', credentials: account, maxAttempts: 3 })
  const open = (options: Partial<DynamoStoreOptions> = {}) =>
    openDynamo(server?.url ?? '', { credentials: account, ...options })
  const put = async (rows: readonly Row[], options = {}, series: SeriesSelector = 'all', range = always) => {
    await using store = open(options)
    return store.replace({ granularity: full, range, series }, rows.length > 0 ? [pointsOf(rows)] : [])
  }
  const read = async (query: Omit<RowQuery, 'granularity'> = {}, options = {}): Promise<Row[]> => {
    await using store = open(options)
    const rows: Row[] = []
    for await (const batch of store.read({ ...query, granularity: full }, always)) rows.push(...rowsOf(batch))
    return sorted(rows)
  }
  const items = async (table: string) => {
    const { Items = [] } = await client().send(new ScanCommand({ TableName: `clusterman_${table}` }))
    return Items.sort((a, b) => Number(a.timestamp.N) - Number(b.timestamp.N))
  }

  beforeAll(async () => {
    account = newAccount()
    await using store = open()
    await store.createTables()
  })

  it("has Clusterman's tables, with index and time to live, made once", async () => {
    await using store = open()
    await store.createTables()
    for (const type of ['system_metrics', 'app_metrics', 'metadata']) {
      const TableName = `clusterman_${type}`
      const { Table } = await client().send(new DescribeTableCommand({ TableName }))
      expect(Table?.KeySchema).toEqual([
        { AttributeName: 'key', KeyType: 'HASH' },
        { AttributeName: 'timestamp', KeyType: 'RANGE' },
      ])
      expect(Table?.GlobalSecondaryIndexes).toMatchObject([
        {
          IndexName: 'metrics_key_lookup',
          KeySchema: [
            { AttributeName: 'gsi_partition', KeyType: 'HASH' },
            { AttributeName: 'app_timestamp', KeyType: 'RANGE' },
          ],
        },
      ])
      const { TimeToLiveDescription } = await client().send(new DescribeTimeToLiveCommand({ TableName }))
      expect(TimeToLiveDescription).toMatchObject({
        AttributeName: 'expiration_timestamp',
        TimeToLiveStatus: 'ENABLED',
      })
    }
  })

  it('keeps each metric type in its table, and the keys of a metric as attributes of one item', async () => {
    const rows: Row[] = [
      ['fulfilled_capacity|@key=<c3.xlarge\\, us-west-2a>,@type=metadata,cluster=a', at(0), 4],
      ['fulfilled_capacity|@key=<c3.xlarge\\, us-west-2b>,@type=metadata,cluster=a', at(0), 1.5],
      ['fulfilled_capacity|@key=<c3.xlarge\\, us-west-2b>,@type=metadata,cluster=a', at(60), 2],
      ['cpus_allocated|@type=system_metrics,cluster=a,pool=default.mesos', at(0), 0.1],
    ]
    await put(rows)
    expect(await items('metadata')).toEqual([
      {
        key: { S: 'fulfilled_capacity|cluster=a' },
        timestamp: stamp(0),
        '<c3.xlarge, us-west-2a>': { N: '4' },
        '<c3.xlarge, us-west-2b>': { N: '1.5' },
      },
      { key: { S: 'fulfilled_capacity|cluster=a' }, timestamp: stamp(60), '<c3.xlarge, us-west-2b>': { N: '2' } },
    ])
    expect(await items('system_metrics')).toEqual([
      { key: { S: 'cpus_allocated|cluster=a,pool=default.mesos' }, timestamp: stamp(0), value: { N: '0.1' } },
    ])
    expect(await read()).toEqual(sorted(rows))
    await put([])
    expect(await items('metadata')).toEqual([])
  })

  it('replaces one key of a metric and leaves the others in their items', async () => {
    const name = (key: string) => `c|@key=${key},@type=metadata`
    await put([
      [name('x'), at(0), 1],
      [name('y'), at(0), 2],
      [name('x'), at(1), 3],
      [name('y'), at(2), 4],
    ])
    await put([[name('y'), at(1), 50]], {}, new Set([name('y')]))
    expect(await read()).toEqual([
      [name('x'), at(0), 1],
      [name('x'), at(1), 3],
      [name('y'), at(1), 50],
    ])
    expect((await items('metadata')).map(({ timestamp }) => timestamp)).toEqual([stamp(0), stamp(1)])
    await put([])
  })

  it('patches: puts some points, takes others out and leaves the rest, inside items too', async () => {
    const name = (key: string) => `c|@key=${key},@type=metadata`
    await put([
      [name('x'), at(0), 1],
      [name('y'), at(0), 2],
      [name('x'), at(1), 3],
      ['m|@type=system_metrics', at(0), 4],
      ['m|@type=system_metrics', at(9), 5],
    ])
    await using store = open()
    const patch = {
      granularity: full,
      rows: pointsOf([
        [name('z'), at(0), 6],
        ['m|@type=system_metrics', at(1), 7],
      ]),
      gone: pointsOf([
        [name('x'), at(0), 0],
        [name('x'), at(1), 0],
        ['m|@type=system_metrics', at(9), 0],
      ]),
    }
    for (const _ of ['once', 'twice']) {
      expect(await store.patch?.(patch)).toMatchObject({ rows: 2 })
      expect(await read()).toEqual([
        [name('y'), at(0), 2],
        [name('z'), at(0), 6],
        ['m|@type=system_metrics', at(0), 4],
        ['m|@type=system_metrics', at(1), 7],
      ])
    }
    await put([])
  })

  it('keeps a point without any key as an item without values', async () => {
    const empty: Row = ['c|@key=,@type=metadata', at(0), Number.NaN]
    await put([empty])
    expect(await items('metadata')).toEqual([{ key: { S: 'c' }, timestamp: stamp(0) }])
    expect(await read()).toEqual([empty])
    await put([])
    expect(await read()).toEqual([])
  })

  it('names the application of app metrics in their keys and in the index', async () => {
    await put([['runs|@type=app_metrics,cluster=a', at(0), 7]], { app: 'seagull' })
    await put([['other\\,runs|@type=app_metrics,cluster=a', at(1), 8]], {}, new Set())
    const [ours, theirs] = await items('app_metrics')
    expect(ours).toMatchObject({
      key: { S: 'seagull,runs|cluster=a' },
      app_timestamp: { S: `seagull,${stamp(0).N}` },
      value: { N: '7' },
    })
    expect(theirs).toMatchObject({ key: { S: 'other,runs|cluster=a' }, app_timestamp: { S: `other,${stamp(1).N}` } })
    expect(Number(ours.gsi_partition.N)).toBeGreaterThanOrEqual(0)
    expect(Number(ours.gsi_partition.N)).toBeLessThan(10)
    expect(await read({}, { app: 'seagull' })).toEqual([['runs|@type=app_metrics,cluster=a', at(0), 7]])
    expect(await read()).toEqual([
      ['other\\,runs|@type=app_metrics,cluster=a', at(1), 8],
      ['seagull\\,runs|@type=app_metrics,cluster=a', at(0), 7],
    ])
    expect(await read({ names: ['seagull\\,runs|@type=app_metrics,cluster=a'] })).toHaveLength(1)
    await put([], { app: 'seagull' })
    expect(await read()).toHaveLength(1)
    await put([])
  })

  it.each([
    ['none', undefined],
    ['full', 2_000_000_000 + 3 * 86_400],
    ['remaining', at(0) / second + 3 * 86_400],
  ] as const)('lets items expire as asked for: %s', async (mode, expected) => {
    const clock = { ...systemClock, now: () => 2_000_000_000_000 }
    await put([['m|@type=metadata', at(0), 1]], { expiry: { mode, days: 3 }, clock })
    const [{ expiration_timestamp: expires }] = await items('metadata')
    expect(expires?.N).toBe(expected === undefined ? undefined : String(expected))
    await put([])
  })

  it('takes no more items a second than it is told to', async () => {
    const clock = fakeClock()
    const rows = Array.from({ length: 100 }, (_, i): Row => ['m|@type=metadata', at(i), i])
    await put(rows, { maxWritesPerSecond: 10, clock })
    expect(clock.slept.length).toBeGreaterThan(0)
    expect(clock.now()).toBe(7_500)
    expect(await read()).toHaveLength(100)
  })

  it('holds what normalise says: whole seconds, decimals of 20 places, no NaN, no number beyond 1e126, no reserved key', async () => {
    await using store = open()
    const rows: Row[] = [
      ['m|@type=metadata', at(0) + 1, 1],
      ['m|@type=metadata', at(0) + 999, 2],
      ['m|@type=metadata', at(1), 1.234567890123456e-6],
      ['m|@type=metadata', at(2), 1 / 3],
      ['m|@type=metadata', at(3), Number.NaN],
      ['m|@type=metadata', at(4), -1e126],
      ['m|@type=metadata', at(5), 1.7e125],
      ['m|@type=metadata', at(6), -(2n ** 63n)],
      ['n|@key=app_timestamp,@type=metadata', at(0), 1],
      ['n|@key=value,@type=metadata', at(0), 1],
      ['n|@key=other,@type=metadata', at(0), 1],
    ]
    const held = sorted([
      ['m|@type=metadata', at(0), 2],
      ['m|@type=metadata', at(1), 1.23456789012346e-6],
      ['m|@type=metadata', at(2), 1 / 3],
      ['m|@type=metadata', at(5), 1.7e125],
      ['m|@type=metadata', at(6), -(2n ** 63n)],
      ['n|@key=other,@type=metadata', at(0), 1],
    ])
    expect(rowsOf(store.normalise?.(pointsOf(rows), full) ?? pointsOf(rows))).toEqual(held)
    expect(await put(rows)).toMatchObject({ rows: held.length })
    expect(await read()).toEqual(held)
    await put([])
  })

  it("reads Clusterman's own items: prices as texts, attributes of its own", async () => {
    const Item = {
      key: { S: 'spot_prices|aws_availability_zone=us-west-2a' },
      timestamp: stamp(0),
      expiration_timestamp: { N: '1' },
      gsi_partition: { N: '3' },
      app_timestamp: { S: 'x' },
      value: { S: '0.0345' },
    }
    await client().send(new PutItemCommand({ TableName: 'clusterman_metadata', Item }))
    expect(await read()).toEqual([['spot_prices|@type=metadata,aws_availability_zone=us-west-2a', at(0), 0.0345]])
    await client().send(new PutItemCommand({ TableName: 'clusterman_metadata', Item: { ...Item, value: { S: 'x' } } }))
    await expect(read()).rejects.toThrow('not a number: value of spot_prices|aws_availability_zone=us-west-2a')
    await client().send(new PutItemCommand({ TableName: 'clusterman_metadata', Item }))
    await put([])
  })

  it.each([
    ['a series without metric type', 'm', 'no table for m'],
    ['a metric type that is none', 'm|@type=bogus', 'got bogus'],
    ['an app metric without application', 'm|@type=app_metrics', 'belongs to an application'],
    ['a metric without name', '|@type=metadata', 'needs a name'],
  ])('refuses %s', async (_what, text, message) => {
    await expect(put([[text, at(0), 1]])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    })
  })

  it('refuses a number and keys of one metric at one time, and rollups', async () => {
    const rows: Row[] = [
      ['m|@type=metadata', at(0), 1],
      ['m|@key=x,@type=metadata', at(0), 1],
    ]
    await expect(put(rows)).rejects.toThrow('m has a number and keys at 2017-12-01T08:00:00Z')
    await using store = open()
    const place = { granularity: min5, range: always, series: 'all' as const }
    await expect(store.replace(place, [])).rejects.toThrow('expected granularity full, got 5m')
  })

  it('says which table is missing, and how to have it', async () => {
    await expect(put([['m|@type=metadata', at(0), 1]], { prefix: 'other_' }, new Set())).rejects.toMatchObject({
      exitCode: 2,
      message: 'table not found: other_metadata',
      hint: expect.stringContaining('--create-tables'),
    })
    expect(await read({}, { prefix: 'other_' })).toEqual([])
  })
})
