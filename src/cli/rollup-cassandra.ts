import { join, resolve } from 'node:path'
import { jobId } from '../backfill/job.ts'
import type { PushOptions, RollupOptions } from '../backfill/options.ts'
import { requireRecent } from '../store/cassandra/active.ts'
import { defaultWritesPerSecond } from '../store/cassandra/session.ts'
import { openCassandra } from '../store/cassandra/store.ts'
import { formatTtl, isChosenByAge, parseLifetimes, parseTtl } from '../store/cassandra/ttl.ts'
import { type CassandraUrl, nameCassandra, parseCassandraUrl } from '../store/cassandra/url.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import { type ExitCode, usageError } from '../util/errors.ts'
import { cassandraOptions } from './cassandra-flags.ts'
import { type Context, say } from './context.ts'
import type { BaseOptions } from './rollup-options.ts'
import { meanOf, type TargetFlags } from './rollup-target.ts'

/** What a run into Cassandra is, before anything is opened: its options with the staging lake in the place of the lake. */
export interface CassandraTarget {
  readonly url: CassandraUrl
  readonly options: Omit<RollupOptions, 'push'> & { readonly push: Omit<PushOptions, 'store'> }
  readonly pace: { readonly maxWritesPerSecond: number }
}

export function cassandraTarget(flags: TargetFlags, base: BaseOptions): CassandraTarget {
  const { url, ...choices } = cassandraPush(flags)
  const options = { ...base, ...choices }
  return { url, options: { ...options, to: stateOf(flags, jobId(options)) }, pace: paceOf(flags) }
}

/** How fast rows are written at most. */
export const paceOf = ({ maxWritesPerSecond = defaultWritesPerSecond }: TargetFlags) => ({ maxWritesPerSecond })

/** Where a job that writes into a store keeps its state. */
export const stateOf = ({ stateDir }: TargetFlags, job: string): string => join(resolve(stateDir), job)

/** The choices of a run into Cassandra that do not depend on where it reads. */
export function cassandraPush(flags: TargetFlags) {
  const { existing = 'replace', verify = 'sample' } = flags
  if (existing === 'refuse')
    throw usageError('--existing refuse is for lakes: Cassandra takes replace, keep or larger-count')
  if (verify === 'checksum') throw usageError('--verify checksum is for lakes: Cassandra takes full, sample or none')
  const url = parseCassandraUrl(flags.to)
  const push = {
    name: nameCassandra(url),
    settings: settingsOf(flags),
    existing,
    verify,
  } as const
  const staged = { verify: verify === 'none' ? verify : 'checksum', existing: 'replace' } as const
  return { url, mean: meanOf(flags, 'blueflood'), ...staged, push } as const
}

/** What rows depend on beside themselves: how long they live. */
export function settingsOf({ ttl, ttlDays }: Pick<TargetFlags, 'ttl' | 'ttlDays'>): string {
  const days = Object.entries(parseLifetimes(ttlDays)).map(([level, count]) => ` ${level}=${count}`)
  return `ttl=${formatTtl(parseTtl(ttl))}${days.sort().join('')}`
}

/** Does a run into a store that is open until it ends; `announce` is to be told which slots it is about. */
export async function withCassandra<
  Options extends Pick<CassandraTarget['options'], 'granularities' | 'mean' | 'push' | 'to'>,
>(
  context: Context,
  { target: { url, options }, flags }: { target: { url: CassandraUrl; options: Options }; flags: TargetFlags },
  run: (
    options: Omit<Options, 'push'> & { readonly push: PushOptions },
    announce: (slots: Range) => void,
  ) => Promise<ExitCode>,
): Promise<ExitCode> {
  const access = await cassandraOptions(flags, context)
  await using store = await openCassandra(url, { ...access, mean: options.mean })
  for (const granularity of options.granularities) store.requireTable(granularity)
  say(context, `state: ${options.to}`)
  const lasts = (granularity: Granularity) => store.lifetime(granularity).sinceWriting
  return await run({ ...options, push: { ...options.push, store, lasts } }, (range) =>
    announceTarget(context, { ...options, range }, flags),
  )
}

/** Says what Blueflood will not do with the rows of a range, and refuses what it would do wrong. */
export function announceTarget(
  context: Context,
  { range, granularities }: { range: Range; granularities: readonly Granularity[] },
  { markActive }: Pick<TargetFlags, 'markActive'>,
): void {
  const now = context.now()
  if (markActive) requireRecent(range.start, now)
  const aged = granularities.filter((granularity) => !isChosenByAge(granularity, range.start, now))
  if (aged.length > 0)
    say(
      context,
      `Blueflood's points= queries do not look at ${aged.map(({ name }) => name).join(', ')} rows of that age; resolution= queries do`,
    )
  say(context, "Blueflood's search finds only series that its own index knows")
}
