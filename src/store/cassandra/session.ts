import { readFile } from 'node:fs/promises'
import type { Client, ClientOptions } from 'cassandra-driver'
import { type Clock, systemClock } from '../../util/clock.ts'
import { usageError } from '../../util/errors.ts'
import { isPassing, wordCassandraError } from './errors.ts'
import { createFlow } from './flow.ts'
import type { RunCql } from './schema.ts'
import type { CassandraUrl } from './url.ts'

export interface SessionOptions {
  readonly user?: string
  readonly password?: string
  /** Rows written a second at most. */
  readonly maxWritesPerSecond?: number
  /** Milliseconds after which a request that fails again and again is given up. */
  readonly patience?: number
  readonly clock?: Clock
}

/** Faster than one ordinary node takes rows, slower than what would hurt a cluster. */
export const defaultWritesPerSecond = 50_000
const defaultPatience = 60_000
const rowsOfPage = 5_000

export interface Statement {
  readonly cql: string
  readonly values: unknown[]
}

export interface Page {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** What the next page is asked for with; absent after the last one. */
  readonly next?: string
}

/** A connection to a cluster: every request waits for its turn, is made again where its failure may pass, and else fails in plain words. */
export interface Session extends AsyncDisposable {
  readonly clock: Clock
  /** The keyspace as CQL takes it. */
  readonly keyspace: string
  /** Runs a statement that is no prepared one. */
  readonly run: RunCql
  /** A page of what a prepared statement selects. */
  page(statement: Statement, options?: { after?: string; signal?: AbortSignal }): Promise<Page>
  /** Changes rows of one partition, all or none. */
  write(
    partition: { table: string; key: string | number },
    changes: readonly Statement[],
    signal?: AbortSignal,
  ): Promise<void>
}

/** Connects. Throws a usage error where the URL or the login is wrong, an ordinary one where nobody answers. */
export async function openSession(url: CassandraUrl, options: SessionOptions = {}): Promise<Session> {
  const { clock = systemClock, patience = defaultPatience, maxWritesPerSecond = defaultWritesPerSecond } = options
  const hosts = url.hosts.join(',')
  const client = await connect(url, options)
  const flow = createFlow({ maxPerSecond: maxWritesPerSecond, patience, clock, isPassing })
  const attempt = async <T>(request: () => Promise<T>, turn: { rows?: number; signal?: AbortSignal }): Promise<T> => {
    try {
      return await flow.run(request, turn)
    } catch (error) {
      throw wordCassandraError(error, hosts)
    }
  }

  return {
    clock,
    keyspace: `"${url.keyspace}"`,
    async run(cql, values) {
      const result = await attempt(() => client.execute(cql, values, { prepare: false }), {})
      return result.rows ?? []
    },
    async page({ cql, values }, { after, signal } = {}) {
      const paging = { prepare: true, fetchSize: rowsOfPage, pageState: after }
      const { rows, pageState } = await attempt(() => client.execute(cql, values, paging), { signal })
      return { rows, next: pageState ?? undefined }
    },
    async write({ key }, changes, signal) {
      const queries = changes.map(({ cql, values }) => ({ query: cql, params: values }))
      const routing = typeof key === 'string' ? { routingKey: Buffer.from(key), keyspace: url.keyspace } : {}
      const request =
        queries.length === 1
          ? () => client.execute(queries[0].query, queries[0].params, { prepare: true })
          : () => client.batch(queries, { prepare: true, logged: false, ...routing })
      await attempt(request, { rows: changes.length, signal })
    },
    async [Symbol.asyncDispose]() {
      await client.shutdown()
    },
  }
}

async function connect(url: CassandraUrl, { user = url.user, password = '' }: SessionOptions): Promise<Client> {
  const { default: driver } = await import('cassandra-driver')
  const { types, policies } = driver
  const { TokenAwarePolicy, DCAwareRoundRobinPolicy } = policies.loadBalancing
  const consistency = {
    local_quorum: types.consistencies.localQuorum,
    quorum: types.consistencies.quorum,
    all: types.consistencies.all,
  }
  const client = new driver.Client({
    contactPoints: [...url.hosts],
    credentials: user === undefined ? undefined : { username: user, password },
    sslOptions: await encryption(url),
    socketOptions: { readTimeout: url.timeout, connectTimeout: url.timeout },
    queryOptions: { consistency: consistency[url.consistency], isIdempotent: true },
    policies: {
      loadBalancing: new TokenAwarePolicy(new DCAwareRoundRobinPolicy(url.dataCentre)),
      retry: new policies.retry.FallthroughRetryPolicy(),
    },
  })
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.shutdown()
    throw wordCassandraError(error, url.hosts.join(','))
  }
}

async function encryption({ tls, authority }: CassandraUrl): Promise<ClientOptions['sslOptions']> {
  if (!tls) return undefined
  if (authority === undefined) return { rejectUnauthorized: true }
  const ca = await readFile(authority).catch((error) => {
    throw usageError(`cannot read the authority's certificate: ${authority}: ${error.code ?? error}`)
  })
  return { rejectUnauthorized: true, ca: [ca] }
}
