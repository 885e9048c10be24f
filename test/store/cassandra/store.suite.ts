import { afterAll, beforeAll, describe } from 'vitest'
import { caller } from '../../../src/bucket/caller.ts'
import { openSource } from '../../../src/source/registry.ts'
import { cassandraLogin } from '../../../src/store/cassandra/login.ts'
import { type CassandraStore, openCassandra } from '../../../src/store/cassandra/store.ts'
import { parseCassandraUrl } from '../../../src/store/cassandra/url.ts'
import type { Store } from '../../../src/store/store.ts'
import { full, type Granularity, min5 } from '../../../src/time/granularity.ts'
import { sourceContract } from '../../contract/source.ts'
import { storeContract } from '../../contract/store.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { pointsOf } from '../../support/rows.ts'

const always = { start: 0, end: Date.UTC(2100, 0) }

/** The same store, emptied before it is first used. */
function emptied(storeOf: () => CassandraStore, granularity: Granularity): { open(): Promise<Store> } {
  let isEmpty = false
  return {
    async open() {
      const store = storeOf()
      if (!isEmpty) await store.replace({ granularity, range: always, series: 'all' }, [])
      isEmpty = true
      return { ...store, async [Symbol.asyncDispose]() {} }
    },
  }
}

export function storeSuite({ host }: CassandraServer): void {
  describe('as a store', () => {
    let store: CassandraStore
    beforeAll(async () => {
      const url = parseCassandraUrl(`cassandra://cassandra@${host}/STORE`)
      store = await openCassandra(url, { password: 'cassandra', createSchema: true })
    })
    afterAll(() => store[Symbol.asyncDispose]())

    const holds = (series: string) => series !== '' && !series.startsWith('x|')
    const traits = { isFinite: false, hasWriters: false, usesFileSystem: false, holds }
    for (const granularity of [full, min5])
      storeContract(`Cassandra at ${granularity.name}`, { ...traits, granularity }, () =>
        emptied(() => store, granularity),
      )
  })

  sourceContract('Cassandra', { order: 'series', series: ['abc1', 'abc2', 'x'] }, async (rows) => {
    const location = `cassandra://${host}/STORE`
    const env = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }
    await using store = await openCassandra(parseCassandraUrl(location), {
      ...(await cassandraLogin(env)),
      createSchema: true,
    })
    await store.replace({ granularity: full, range: always, series: 'all' }, [pointsOf(rows)])
    const { source } = await openSource(location, [], { env, caller: caller(), stdin: process.stdin, now: Date.now })
    return source
  })
}
