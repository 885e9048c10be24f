import type { BackfillOptions, Destination } from '../backfill/query/options.ts'
import type { MetricsFormat } from '../metrics-file/write.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import { usageError } from '../util/errors.ts'
import type { Context } from './context.ts'
import { checkDatabaseFlags, type DatabaseFlags } from './database-flags.ts'

export type OpenTargetFlags = DatabaseFlags & {
  readonly to: string
  readonly format: MetricsFormat
  readonly stateDir?: string
  readonly retries?: number
}

/** Opens what points go into, or rather gets it ready to be opened. */
export async function openTarget(
  context: Context,
  flags: OpenTargetFlags,
  wanted: Pick<BackfillOptions, 'granularities' | 'mean'>,
): Promise<Destination> {
  checkDatabaseFlags(flags)
  if (!isCassandraUrl(flags.to)) {
    const [{ openDestination }, { caller }] = await Promise.all([
      import('../backfill/query/destination.ts'),
      import('../bucket/caller.ts'),
    ])
    // A store of its own pace: what one service can take says nothing of another.
    return openDestination(flags.to, { ...flags, env: context.process.env, caller: caller({ retries: flags.retries }) })
  }
  if (flags.format !== 'plain')
    throw usageError(`--format ${flags.format} is for metrics files, and --to is ${flags.to}`)
  const { cassandraDestination } = await import('./cassandra-destination.ts')
  return cassandraDestination(context, flags, wanted)
}
