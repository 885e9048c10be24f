import type { Shards } from '../../archive/shards.ts'
import type { Store } from '../store.ts'
import { cassandraLogin } from './login.ts'
import { openCassandra } from './store.ts'
import { parseCassandraUrl } from './url.ts'

export interface CassandraReaderOptions {
  /** Variables of the environment, for the login. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The shards of which all series are read where none are named. */
  readonly shards?: Shards
}

/** The rows that a URL of Cassandra names, for those who only read: each reading has a connection of its own, which ends with it. */
export function cassandraReader(location: string, { env, shards }: CassandraReaderOptions): Pick<Store, 'read'> {
  const url = parseCassandraUrl(location)
  return {
    async *read(query, range, options) {
      await using store = await openCassandra(url, { ...(await cassandraLogin(env)), shards })
      yield* store.read(query, range, options)
    },
  }
}
