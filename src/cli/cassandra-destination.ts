import type { BackfillOptions, Destination } from '../backfill/query/options.ts'
import { lazyCassandra } from '../store/cassandra/lazy.ts'
import { tableOf } from '../store/cassandra/schema.ts'
import { nameCassandra, parseCassandraUrl } from '../store/cassandra/url.ts'
import { cassandraOptions } from './cassandra-flags.ts'
import type { Context } from './context.ts'
import type { OpenTargetFlags } from './open-target.ts'
import { announceTarget, settingsOf } from './rollup-cassandra.ts'

/** Blueflood's tables as a store that is pushed to; nothing is connected to before its first request. */
export async function cassandraDestination(
  context: Context,
  flags: OpenTargetFlags,
  { granularities, mean }: Pick<BackfillOptions, 'granularities' | 'mean'>,
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
    async prepare(range) {
      const opened = await store.open()
      for (const granularity of granularities) opened.requireTable(granularity)
      if (range) announceTarget(context, { range, granularities }, flags)
    },
    lasts: (granularity) => store.lifetime(granularity).sinceWriting,
  }
}
