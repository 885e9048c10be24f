import type { BackfillOptions } from '../backfill/query/options.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import type { Granularity } from '../time/granularity.ts'
import { always, type Range, requireInstants } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { isSamePlace } from '../util/same-place.ts'
import { type BackfillFlags, impliedRefresh } from './backfill-flags.ts'
import type { Context } from './context.ts'
import { openTarget } from './open-target.ts'
import { openFrom, readRange, readShaping } from './source-options.ts'
import { parseTimes } from './time-flags.ts'

/** Everything that a backfill is to do, parsed; the source and the store are opened. */
export async function readBackfillOptions(context: Context, flags: BackfillFlags): Promise<BackfillOptions> {
  const granularities = await readGranularities(flags)
  const mean = flags.mean ?? (isCassandraUrl(flags.to ?? '') ? 'blueflood' : 'exact')
  const shaping = await readShaping(context, flags)
  const range = await readRange(context, flags)
  const from = await openFrom(context, { ...flags, from: required(flags.from, 'from') })
  if (isStore(from) && granularities.some(({ name }) => name === 'full')) await requireOther(flags)
  return {
    ...flags,
    from,
    to: await openTarget(context, { ...flags, to: required(flags.to, 'to') }, { granularities, mean }),
    ...shaping,
    range,
    granularities,
    mean,
    concurrency: from.concurrency,
    existing: checkExisting(flags),
    onlyMissing: readOnlyMissing(flags, range),
    refresh: await readRefresh(context, flags),
  }
}

const isStore = ({ name }: BackfillOptions['from']): boolean => name === 'lake' || name === 'metrics-file'

/** Points that were read again from where they went would be shaped again, and never be up to date. */
async function requireOther({ from = '', to = '' }: BackfillFlags): Promise<void> {
  if (await isSamePlace(from, to))
    throw usageError(
      `--from and --to are the same place: ${to}`,
      'name another one; only rollups can go into the lake of their points',
    )
}

function checkExisting({ yes, existing, to = '' }: BackfillFlags): BackfillFlags['existing'] {
  if (yes) return 'replace'
  if ((existing === 'keep' || existing === 'larger-count') && !to.includes('://'))
    throw usageError(`--existing ${existing} is for databases, and --to ${to} is a lake or a file`)
  return existing
}

function required(value: string | undefined, name: 'from' | 'to'): string {
  if (value) return value
  throw usageError(
    `--${name} is missing`,
    name === 'from' ? 'retrofill sources lists what can be read' : 'name a lake, or a metrics file *.json.gz',
  )
}

function readOnlyMissing(
  { onlyMissing, every, refresh }: BackfillFlags,
  range: Range | undefined,
): BackfillOptions['onlyMissing'] {
  if (every !== undefined && !onlyMissing) throw usageError('--every is for --only-missing')
  if (onlyMissing && !range) throw usageError('--only-missing needs a range', 'give --start-time and --end-time')
  if (onlyMissing && refresh) throw usageError('--only-missing and --refresh are both given')
  return onlyMissing ? { every } : undefined
}

async function readGranularities({ to = '', granularity }: BackfillFlags): Promise<Granularity[]> {
  const { full, min5, parseGranularities } = await import('../time/granularity.ts')
  const wanted = parseGranularities(granularity)
  if (wanted.some((one) => one !== full && one.size % min5.size !== 0))
    throw usageError(`invalid --granularity: expected full or multiples of 5m, got ${granularity}`)
  if (/\.json\.gz$|^dynamodb:/.test(to) && granularity !== 'full')
    throw usageError(`${to} holds points, not rollups: expected --granularity full, got ${granularity}`)
  return wanted
}

/** `all`, or two times with a slash between them. */
async function readRefresh(context: Context, { refresh, timezone }: BackfillFlags): Promise<Range | undefined> {
  if (refresh === undefined) return undefined
  if (refresh === impliedRefresh) return always
  const [startTime, endTime, ...more] = refresh.split('/')
  if (endTime === undefined || more.length > 0)
    throw usageError(`invalid --refresh: expected all, or START/END, got ${refresh}`)
  const { start = 0, end = 0 } = await parseTimes({ startTime, endTime, timezone }, context)
  return requireInstants({ start, end })
}
