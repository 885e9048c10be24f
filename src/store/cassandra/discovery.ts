import { type Shards, shardOf } from '../../archive/shards.ts'
import { forEach } from '../../util/concurrency.ts'
import { mostAtOnce } from './flow.ts'
import type { Session } from './session.ts'

/** Seconds that Blueflood remembers a locator for. */
const lifetime = 604_800

/** What Blueflood's tools find series by: the table of locators by shard. */
export interface Discovery {
  /** Makes locators known. Those that this process has made known already are left alone. */
  announce(locators: readonly string[], signal?: AbortSignal): Promise<void>
  /** The locators of some shards, shard by shard. */
  find(shards: Shards, signal?: AbortSignal): AsyncIterable<string[]>
}

export function createDiscovery(session: Session): Discovery {
  const table = `${session.keyspace}.metrics_locator`
  const announced = new Set<string>()
  const insertion = `INSERT INTO ${table} (key, column1, value) VALUES (?, ?, '') USING TTL ${lifetime}`
  return {
    async announce(locators, signal) {
      const fresh = locators.filter((locator) => !announced.has(locator))
      await forEach(fresh, { limit: mostAtOnce, signal }, async (locator, aborted) => {
        const shard = shardOf(locator)
        await session.write({ table, key: shard }, [{ cql: insertion, values: [shard, locator] }], aborted)
        announced.add(locator)
      })
    },
    async *find(shards, signal) {
      for (const shard of shards) {
        const locators = await findOfShard(session, { table, shard, signal })
        if (locators.length > 0) yield locators
      }
    },
  }
}

async function findOfShard(
  session: Session,
  { table, shard, signal }: { table: string; shard: number; signal?: AbortSignal },
): Promise<string[]> {
  const statement = { cql: `SELECT column1 FROM ${table} WHERE key = ?`, values: [shard] }
  const locators: string[] = []
  let after: string | undefined
  do {
    const { rows, next } = await session.page(statement, { after, signal })
    for (const { column1 } of rows) locators.push(String(column1))
    after = next
  } while (after !== undefined)
  return locators
}
