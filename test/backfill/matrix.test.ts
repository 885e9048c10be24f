import { afterAll, describe, expect, it } from 'vitest'
import { parseSeries } from '../../src/metric/series.ts'
import { startCassandra } from '../services/cassandra.ts'
import { startDynamoDB } from '../services/dynamodb.ts'
import { startElasticsearch, startOpenSearch } from '../services/search.ts'
import { type Server, serverOrSkip } from '../services/support.ts'
import { bystander } from '../store/cassandra/support.ts'
import { newAccount } from '../store/dynamodb/support.ts'
import { allText } from '../support/all-text.ts'
import { runHere } from '../support/command.ts'
import { temporaryFolder } from '../support/folders.ts'
import { now, times } from './matrix/data.ts'
import { expectWholeHoweverCut } from './matrix/edges.ts'
import { realData } from './matrix/real.ts'
import type { MatrixSource } from './matrix/sources.ts'
import * as sources from './matrix/sources.ts'
import { cassandraStore, dynamoStore, fileStores, type MatrixStore } from './matrix/stores.ts'

const root = temporaryFolder()
const servers = await Promise.all([
  serverOrSkip('Cassandra', startCassandra),
  serverOrSkip('DynamoDB Local', startDynamoDB),
  serverOrSkip('Elasticsearch', startElasticsearch),
  serverOrSkip('OpenSearch', startOpenSearch),
])
const [cassandra, dynamo, elasticsearch, openSearch] = servers
const other = cassandra && (await bystander(cassandra))
const env = {
  AWS_ACCESS_KEY_ID: newAccount().accessKeyId,
  AWS_SECRET_ACCESS_KEY: `${sources.secret}-aws`,
  AWS_SESSION_TOKEN: `${sources.secret}-session`,
  AWS_REGION: 'us-west-2',
  SIGNALFX_API_TOKEN: sources.token,
  CASSANDRA_USERNAME: 'cassandra',
  CASSANDRA_PASSWORD: `${sources.secret}-cassandra`,
}

/** What there is where a server is, and nothing elsewhere. */
const where = async <S extends Server, T>(server: S | undefined, make: (server: S) => Promise<T> | T): Promise<T[]> =>
  server ? [await make(server)] : []

const stores: MatrixStore[] = [
  ...fileStores(root),
  ...(await where(cassandra, async ({ url }) => cassandraStore(`${url}/${await other?.newKeyspace('full')}`, root))),
  ...(await where(dynamo, ({ url }) => dynamoStore(url, root, env))),
]
const services = async (data: sources.ServiceData): Promise<MatrixSource[]> => [
  await sources.signalFx(data),
  ...(await where(elasticsearch, ({ url }) => sources.search('Elasticsearch', url, data))),
  ...(await where(openSearch, ({ url }) => sources.search('OpenSearch', url, data))),
  await sources.cloudWatch(data),
]
const all: MatrixSource[] = [
  ...(await services(sources.mixed)),
  await sources.spotPrices(),
  await sources.metricsFile(root),
  await sources.lake(root),
  ...(await where(cassandra, ({ url }) => sources.cassandra(url, other as NonNullable<typeof other>))),
  ...(await where(dynamo, ({ url }) => sources.dynamo(url, root, env))),
  sources.standardInput,
]
const real = realData(process.env.TORTURE ? 14 : 2)
const realServices = real ? await services(real) : []

afterAll(async () => {
  await other?.close()
  const running = [...all, ...realServices].map((source) => source.stop?.())
  await Promise.all([...servers.map((server) => server?.stop()), ...running])
})

interface Cell {
  readonly source: MatrixSource
  readonly store: MatrixStore
  readonly cell: string
  readonly times: readonly string[]
  now(): number
}

/** All that the runs have said. */
const said: string[] = []

/** Backfills and compares; what the store would round is refused first. */
async function fill({ source, store, cell, times: range, now: clock }: Cell): Promise<void> {
  const { from, rows, stdin } = source
  const { location, flags } = store.to(cell)
  const shape = store.shape(rows, cell)
  const argv = ['backfill', '--from', ...from, '--to', location, ...flags, ...shape, ...range, '--output=json']
  const run = (...more: string[]) => runHere([...argv, ...more], { env, stdin, now: clock })
  const { held, lossy } = store.expected(rows, cell)
  expect(held.length).toBeGreaterThan(0)
  if (lossy > 0)
    expect(await run()).toMatchObject({ code: 7, stderr: expect.stringContaining('cannot be held exactly') })
  const { code, stdout, stderr } = await run(...(lossy > 0 ? ['--allow-lossy'] : []))
  said.push(stdout, stderr)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse(stdout).report).toMatchObject({ lossy, points: rows.length, failed: [], mismatched: [] })
  expect(await store.read(cell)).toEqual(held)
  if (!store.holdsPoints) return
  const verify = ['verify', '--from', ...from, '--to', location, ...shape, ...range]
  const verified = await runHere(verify, { env, stdin, now: clock })
  said.push(verified.stdout, verified.stderr)
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(\d+) of \1 series are the same/m) })
}

const numbered = <T extends object>(list: readonly T[]) => list.map((one, n) => ({ ...one, n }))

describe.each(numbered(all))('$name', (source) => {
  it('gives each point once, however its range is cut', () => expectWholeHoweverCut(source, env))

  it('tells beforehand how many points there are, where the service gives a way', async () => {
    const args = ['backfill', '--from', ...source.from, '--to', `${root}/none`, ...times, '--dry-run', '--output=json']
    const metrics = ['--metric', ...new Set(source.rows.map(([text]) => parseSeries(text).name))]
    const { code, stdout } = await runHere([...args, ...metrics], { env, stdin: source.stdin, now })
    const { cost } = JSON.parse(stdout)
    expect(code).toBe(0)
    if (source.counted === 'never') expect(cost.points).toBeUndefined()
    else if (source.counted === 'roughly') expect(cost.points).toBeGreaterThan(0)
    else if (cost.atMost) expect(cost.points).toBeGreaterThanOrEqual(source.rows.length)
    else expect(cost.points).toBe(source.rows.length)
  })

  it.each(numbered(stores))('into $name', (store) =>
    fill({ source, store, cell: `cell${source.n}${store.n}`, times, now }),
  )
})

describe.skipIf(!real).each(numbered(realServices))('the real values of the archive, out of $name', (source) => {
  it.each(numbered(stores))('into $name', (store) =>
    fill({ source, store, cell: `real${source.n}${store.n}`, times: real?.times ?? [], now: real?.now ?? now }),
  )
})

it('no run has shown or kept a token, a key or a password', () => {
  expect(said.join('')).toContain('"exitCode":0')
  expect(`${said.join('')}${allText(root)}`).not.toContain(sources.secret)
})
