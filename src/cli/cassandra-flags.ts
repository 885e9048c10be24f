import { readFile } from 'node:fs/promises'
import type { CassandraOptions } from '../store/cassandra/store.ts'
import { errorCode, usageError } from '../util/errors.ts'
import { count, flag, text } from './flags.ts'

/** Flags that say how rows are kept in Cassandra. */
export type CassandraFlags = {
  readonly createSchema: boolean
  readonly maxWritesPerSecond?: number
  readonly ttl: string
  readonly noLocators: boolean
  readonly markActive: boolean
}

export const cassandraFlags = {
  createSchema: flag('Cassandra: make the keyspace and tables that are missing'),
  maxWritesPerSecond: {
    ...count('max-writes-per-second', 1, 'Cassandra: rows a second at most (default: 50000)'),
    optional: true,
  },
  ttl: {
    ...text('Cassandra: how long rows live: full (as Blueflood’s, from now), remaining, none, or days', 'ttl'),
    default: 'full',
  },
  noLocators: flag('Cassandra: do not make series known in metrics_locator'),
  markActive: flag('Cassandra: have Blueflood make the coarser levels of what is written'),
} as const

/** What opens the store; the login comes from the environment, `CASSANDRA_PASSWORD_FILE` names a file with the password. */
export async function cassandraOptions(
  flags: CassandraFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CassandraOptions> {
  const { parseTtl } = await import('../store/cassandra/ttl.ts')
  return {
    ...(await cassandraLogin(env)),
    createSchema: flags.createSchema,
    maxWritesPerSecond: flags.maxWritesPerSecond,
    ttl: parseTtl(flags.ttl),
    locators: !flags.noLocators,
    markActive: flags.markActive,
  }
}

/** The login that the environment gives. */
export async function cassandraLogin(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Pick<CassandraOptions, 'user' | 'password'>> {
  const { CASSANDRA_USERNAME: user, CASSANDRA_PASSWORD: password, CASSANDRA_PASSWORD_FILE: path } = env
  return { user: user || undefined, password: path ? await readSecret(path) : password }
}

const readSecret = async (path: string): Promise<string> =>
  (
    await readFile(path, 'utf8').catch((error) => {
      throw usageError(`cannot read ${path}: ${errorCode(error) ?? error}`)
    })
  ).trim()
