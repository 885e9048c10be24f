import { afterAll, describe } from 'vitest'
import { type CassandraStore, openCassandra } from '../../../src/store/cassandra/store.ts'
import { parseCassandraUrl } from '../../../src/store/cassandra/url.ts'
import type { Store } from '../../../src/store/store.ts'
import { full, type Granularity, min5 } from '../../../src/time/granularity.ts'
import { storeContract } from '../../contract/store.ts'
import { startCassandra } from '../../services/cassandra.ts'
import { serverOrSkip } from '../../services/support.ts'

const server = await serverOrSkip('Cassandra', () => startCassandra({ asksPassword: true }))
const url = parseCassandraUrl(`cassandra://cassandra@${server?.host ?? 'none'}/DATA`)
const store = server && (await openCassandra(url, { password: 'cassandra', createSchema: true }))
afterAll(async () => {
  await store?.[Symbol.asyncDispose]()
  await server?.stop()
})

const always = { start: 0, end: Date.UTC(2100, 0) }

/** The same store, emptied before it is first used. */
function emptied(store: CassandraStore, granularity: Granularity): { open(): Promise<Store> } {
  let isEmpty = false
  return {
    async open() {
      if (!isEmpty) await store.replace({ granularity, range: always, series: 'all' }, [])
      isEmpty = true
      return { ...store, async [Symbol.asyncDispose]() {} }
    },
  }
}

describe.runIf(store)('Cassandra', () => {
  const holds = (series: string) => series !== '' && !series.startsWith('x|')
  const traits = { isFinite: false, hasWriters: false, usesFileSystem: false, holds }
  for (const granularity of [full, min5])
    storeContract(`Cassandra at ${granularity.name}`, { ...traits, granularity }, () =>
      emptied(store as CassandraStore, granularity),
    )
})
