import { usageError } from '../util/errors.ts'
import { schemeOf } from '../util/location.ts'
import { type CassandraFlags, cassandraFlags } from './cassandra-flags.ts'
import { count, flag, optional, text } from './flags.ts'

/** Flags that say how points are kept in a database. */
export type DatabaseFlags = Omit<CassandraFlags, 'ttl'> & {
  readonly ttl?: string
  readonly createTables: boolean
}

export const databaseFlags = {
  ...cassandraFlags,
  maxWritesPerSecond: optional(
    count('max-writes-per-second', 1, 'Databases: rows a second at most (default: 50000 in Cassandra)'),
  ),
  ttl: optional(text('Databases: how long points live: full (from now), remaining (from their time), none', 'ttl')),
  ttlDays: optional(text('Databases: days that --ttl counts: a number, in Cassandra such as full=5,60m=155', 'days')),
  createTables: flag('DynamoDB: make the tables that are missing'),
} as const

/** Refuses flags that are for other stores. */
export function checkDatabaseFlags(flags: DatabaseFlags & { readonly to: string }): void {
  const scheme = schemeOf(flags.to)
  const isDatabase = scheme === 'cassandra' || scheme === 'dynamodb'
  const given = [
    ['--create-tables', flags.createTables, scheme === 'dynamodb', 'dynamodb://…'],
    ['--create-schema', flags.createSchema, scheme === 'cassandra', 'cassandra://…'],
    ['--no-locators', flags.noLocators, scheme === 'cassandra', 'cassandra://…'],
    ['--mark-active', flags.markActive, scheme === 'cassandra', 'cassandra://…'],
    ['--ttl', flags.ttl, isDatabase, 'databases'],
    ['--ttl-days', flags.ttlDays, isDatabase, 'databases'],
    ['--max-writes-per-second', flags.maxWritesPerSecond, isDatabase, 'databases'],
  ] as const
  const wrong = given.find(([, value, fits]) => value && !fits)
  if (wrong) throw usageError(`${wrong[0]} is for ${wrong[3]}, and --to is ${flags.to}`)
}
