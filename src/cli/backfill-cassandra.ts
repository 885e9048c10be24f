import type { BackfillOptions, Destination } from '../backfill/query/options.ts'
import { lazyCassandra } from '../store/cassandra/lazy.ts'
import { tableOf } from '../store/cassandra/schema.ts'
import { nameCassandra, parseCassandraUrl } from '../store/cassandra/url.ts'
import { requireInstants } from '../time/range.ts'
import type { BackfillFlags } from './backfill-flags.ts'
import { cassandraOptions } from './cassandra-flags.ts'
import type { Context } from './context.ts'
import { announceTarget, settingsOf } from './rollup-target.ts'

/** Blueflood's tables as the store of a backfill; nothing is connected to before its first request. */
export async function cassandraDestination(
  context: Context,
  flags: BackfillFlags & { readonly to: string },
  { granularities, mean, range }: Pick<BackfillOptions, 'granularities' | 'mean' | 'range'>,
): Promise<Destination> {
  const url = parseCassandraUrl(flags.to)
  for (const granularity of granularities) tableOf(granularity)
  const { ttl = 'full', ttlDays, stateDir = '.retrofill' } = flags
  const store = lazyCassandra(url, { ...(await cassandraOptions({ ...flags, ttl }, context)), mean })
  return {
    kind: 'store',
    name: nameCassandra(url),
    store,
    settings: settingsOf({ ttl, ttlDays }),
    state: stateDir,
    async prepare() {
      const opened = await store.open()
      for (const granularity of granularities) opened.requireTable(granularity)
      if (range) announceTarget(context, { range: requireInstants(range), granularities }, flags)
    },
    lasts: (granularity) => store.lifetime(granularity).sinceWriting,
  }
}
