import type { Shards } from '../../archive/shards.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import type { Range } from '../../time/range.ts'
import { spread } from '../../util/spread.ts'
import type { RowQuery, Store, StoreOptions } from '../store.ts'
import { cassandraLogin } from './login.ts'
import { openCassandra } from './store.ts'
import { parseCassandraUrl } from './url.ts'

export interface CassandraReaderOptions {
  /** Variables of the environment, for the login. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The shards of which all series are read where none are named. */
  readonly shards?: Shards
  /** Milliseconds after which a request that fails again and again is given up. */
  readonly patience?: number
}

/** Series that are read to estimate all of them. */
const sampled = 16

export interface CassandraReader extends Pick<Store, 'read'> {
  /** How many series are meant, and roughly how many rows they have, by a sample of them. */
  count(query: RowQuery, range: Range, options?: StoreOptions): Promise<{ series: number; rows: number }>
}

/** The rows that a URL of Cassandra names, for those who only read: each reading has a connection of its own, which ends with it. */
export function cassandraReader(location: string, { env, ...options }: CassandraReaderOptions): CassandraReader {
  const url = parseCassandraUrl(location)
  const open = async () => openCassandra(url, { ...(await cassandraLogin(env)), ...options })
  return {
    async *read(query, range, options) {
      await using store = await open()
      yield* store.read(query, range, options)
    },
    async count(query, range, options = {}) {
      await using store = await open()
      const names = query.names ? [...query.names] : []
      if (!query.names)
        for await (const group of store.series(options.signal)) for (const name of group) names.push(name)
      const meant = names.filter(seriesMatcher(query))
      const sample = spread(meant, sampled)
      let rows = 0
      for await (const { length } of store.read({ ...query, names: sample }, range, options)) rows += length
      return { series: meant.length, rows: (rows * meant.length) / Math.max(1, sample.length) }
    },
  }
}
