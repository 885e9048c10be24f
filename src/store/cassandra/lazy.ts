import { systemClock } from '../../util/clock.ts'
import type { Store } from '../store.ts'
import { holding } from './holding.ts'
import { type CassandraOptions, type CassandraStore, openCassandra } from './store.ts'
import type { CassandraUrl } from './url.ts'

/** Blueflood's tables, with a connection from the first request on: whoever only plans needs no cluster. */
export interface LazyCassandra extends Store, Pick<CassandraStore, 'lifetime'> {
  open(): Promise<CassandraStore>
}

export function lazyCassandra(url: CassandraUrl, options: CassandraOptions): LazyCassandra {
  let opened: Promise<CassandraStore> | undefined
  const open = () => {
    opened ??= openCassandra(url, options)
    return opened
  }
  return {
    ...holding(options, (options.clock ?? systemClock).now()),
    open,
    replace: async (...args) => (await open()).replace(...args),
    patch: async (...args) => (await open()).patch(...args),
    async *read(...args) {
      yield* (await open()).read(...args)
    },
    async [Symbol.asyncDispose]() {
      // Whoever asked has been told why it could not be opened.
      const store = await opened?.catch(() => undefined)
      await store?.[Symbol.asyncDispose]()
    },
  }
}
