import type { CassandraOptions } from '../store/cassandra/store.ts'
import type { Context } from './context.ts'
import { count, flag, optional, text } from './flags.ts'

/** Flags that say how rows are kept in Cassandra. */
export type CassandraFlags = {
  readonly createSchema: boolean
  readonly maxWritesPerSecond?: number
  readonly ttl: string
  readonly ttlDays?: string
  readonly noLocators: boolean
  readonly markActive: boolean
}

export const cassandraFlags = {
  createSchema: flag('Cassandra: make the keyspace and tables that are missing'),
  maxWritesPerSecond: optional(count('max-writes-per-second', 1, 'Cassandra: rows a second at most (default: 50000)')),
  ttl: {
    ...text('Cassandra: how long rows live: full (as Blueflood’s, from now), remaining, none, or days', 'ttl'),
    default: 'full',
  },
  ttlDays: optional(
    text('Cassandra: days that rows of some levels live where --ttl counts as Blueflood: 5m=10,60m=155', 'levels'),
  ),
  noLocators: flag('Cassandra: do not make series known in metrics_locator'),
  markActive: flag('Cassandra: have Blueflood make the coarser levels of what is written'),
} as const

/** What opens the store. */
export async function cassandraOptions(flags: CassandraFlags, context: Context): Promise<CassandraOptions> {
  const [{ cassandraLogin }, { parseLifetimes, parseTtl }] = await Promise.all([
    import('../store/cassandra/login.ts'),
    import('../store/cassandra/ttl.ts'),
  ])
  return {
    ...(await cassandraLogin(cassandraVariables(context))),
    createSchema: flags.createSchema,
    maxWritesPerSecond: flags.maxWritesPerSecond,
    ttl: parseTtl(flags.ttl),
    lifetimeDays: parseLifetimes(flags.ttlDays),
    locators: !flags.noLocators,
    markActive: flags.markActive,
  }
}

/** Where the login is: the environment goes before a configuration. */
export const cassandraVariables = ({ process: { env }, credentials }: Context) => ({ ...credentials, ...env })
