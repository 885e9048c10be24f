import { noProgress } from '../backfill/progress.ts'
import { storedJobId } from '../backfill/stored/job.ts'
import type { StoredOptions, StoredSummary } from '../backfill/stored/options.ts'
import { baseOf, rollUpStore } from '../backfill/stored/run.ts'
import { parseLocators } from '../store/cassandra/locators.ts'
import { cassandraLogin } from '../store/cassandra/login.ts'
import { openCassandra } from '../store/cassandra/store.ts'
import { isCassandraUrl, nameCassandra, parseCassandraUrl } from '../store/cassandra/url.ts'
import { openForReading } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { formatRange, requireInstants, requireShort } from '../time/range.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { nameLocation } from '../util/location.ts'
import { readNamedText } from '../util/named-file.ts'
import { cassandraVariables } from './cassandra-flags.ts'
import { type Context, print } from './context.ts'
import { alignPairs, formatCount, formatSeconds, plural } from './format.ts'
import { resumable } from './resumable.ts'
import { cassandraPush, paceOf, stateOf, withCassandra } from './rollup-cassandra.ts'
import type { BaseOptions } from './rollup-options.ts'
import { describePace } from './rollup-plan.ts'
import { describeChunks, describeProblems, describePush } from './rollup-report.ts'
import { lakeDefaults, type TargetFlags } from './rollup-target.ts'
import { showShare } from './share-progress.ts'

/** Flags of a run whose source is a store. */
export type StoredFlags = TargetFlags & {
  readonly from: string
  readonly series?: string
  readonly seriesFile?: string
  readonly dryRun: boolean
  readonly output: 'text' | 'json'
  readonly quiet: boolean
}

type Wanted = Pick<StoredOptions, 'from' | 'range' | 'isReference' | 'glob' | 'names'>
type Choices = Pick<StoredOptions, 'to' | 'push' | 'mean' | 'verify' | 'existing'>

/** Makes coarser levels of what a store holds: a keyspace of Cassandra, or a lake. */
export async function runStoredRollup(context: Context, base: BaseOptions, flags: StoredFlags): Promise<ExitCode> {
  if (base.range === undefined) throw usageError('no range', 'give --start-time and --end-time')
  const wanted: Wanted = {
    from: isCassandraUrl(flags.from) ? nameCassandra(parseCassandraUrl(flags.from)) : nameLocation(flags.from),
    range: requireShort(requireInstants(base.range)),
    isReference: flags.compat === 'blueflood',
    ...(await chosenSeries(flags)),
  }
  const target = isCassandraUrl(flags.to)
    ? storedTarget(flags, { ...base, ...wanted })
    : { to: flags.to, ...lakeDefaults(flags) }
  if (flags.dryRun) return tellPlan(context, { ...base, ...wanted }, flags)
  await using source = await openSource(context, base, flags)
  const run = (choices: Choices) => tellRun(context, { ...base, ...choices, ...wanted, source }, flags)
  if (!('url' in target)) return await run(target)
  return await withCassandra(context, { target, flags }, (options, announce) => {
    announce(wanted.range)
    return run(options)
  })
}

/** What a run into Cassandra is, before anything is opened. */
function storedTarget(flags: StoredFlags, base: BaseOptions & Wanted) {
  const { url, ...choices } = cassandraPush(flags)
  const options = { ...base, ...choices }
  return { url, options: { ...options, to: stateOf(flags, storedJobId(options)) } }
}

async function openSource(
  context: Context,
  { shards }: BaseOptions,
  { from }: StoredFlags,
): Promise<Pick<Store, 'read'> & AsyncDisposable> {
  if (isCassandraUrl(from)) {
    const login = await cassandraLogin(cassandraVariables(context))
    return openCassandra(parseCassandraUrl(from), { ...login, shards })
  }
  return { ...(await openForReading(from)), async [Symbol.asyncDispose]() {} }
}

/** Which series are meant: those of a glob, or those named, which are found even where Blueflood has forgotten them. */
async function chosenSeries({ series, seriesFile, from }: StoredFlags): Promise<Pick<StoredOptions, 'glob' | 'names'>> {
  if (seriesFile === undefined)
    return series === undefined || /[*?]/.test(series) ? { glob: series } : { names: [series] }
  if (series !== undefined) throw usageError('--series and --series-file: give one of them')
  const list = await readNamedText(seriesFile)
  return { names: isCassandraUrl(from) ? parseLocators(list) : list.split(/\r?\n/).filter((line) => line !== '') }
}

function tellRun(context: Context, options: StoredOptions, { output, quiet }: StoredFlags): Promise<ExitCode> {
  const { signal, now } = context
  const { share, count, end } = showShare(context, { quiet, of: 'rows' })
  const progress = { ...noProgress, advance: ({ rows = 0 }) => count(rows) }
  return resumable(context, { rangeOf: () => options.range }, async () => {
    const summary = await rollUpStore(options, { signal, now, files: nodeFiles, progress, share }).finally(end)
    print(context, output === 'json' ? JSON.stringify(summary) : formatStored(summary))
    return summary.exitCode
  })
}

const formatStored = (summary: StoredSummary): string =>
  [
    `Rolled up ${summary.base} rows of ${summary.from} into ${summary.to} in ${formatSeconds(summary.seconds)} (job ${summary.job})`,
    ...alignPairs([
      ['range', `${formatRange(summary.range)}, ${summary.granularities.join(', ')}`],
      ['chunks', describeChunks(summary.report)],
      ['rows', `${formatCount(summary.report.rows)} written`],
      ...(summary.state === undefined ? [] : [['pushed', describePush(summary)] as const]),
      ['held', `${plural(summary.report.points, 'point')} in this range`],
    ]),
    ...describeProblems(summary),
  ].join('\n')

function tellPlan(context: Context, options: BaseOptions & Wanted, flags: StoredFlags): ExitCode {
  const { to, output } = flags
  const maxWritesPerSecond = isCassandraUrl(to) ? paceOf(flags).maxWritesPerSecond : undefined
  const { from, range, granularities } = options
  const levels = granularities.map(({ name }) => name)
  const plan = { from, to, range, reads: baseOf(granularities).name, writes: levels, maxWritesPerSecond }
  const lines = [
    ...alignPairs([
      ['range', formatRange(range)],
      ['reads', `${plan.reads} rows of ${from}`],
      ['writes', `${levels.join(', ')} into ${to}`],
      ...describePace(maxWritesPerSecond),
    ]),
    'nothing was read or written',
  ]
  print(context, output === 'json' ? JSON.stringify(plan) : lines.join('\n'))
  return ExitCode.ok
}
