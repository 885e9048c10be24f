import { availableParallelism } from 'node:os'
import type { PlannedOptions, RollupOptions } from '../backfill/options.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import { parseDuration } from '../time/duration.ts'
import type { Range } from '../time/range.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { isRemote } from '../util/location.ts'
import { type BucketFlags, bucketAccess, bucketFlags } from './bucket-flags.ts'
import { cassandraFlags } from './cassandra-flags.ts'
import { defineCommand } from './command.ts'
import { type ConfigFlags, configFlags } from './configuration.ts'
import { type Context, print, say } from './context.ts'
import { choice, count, flag, optional, optionalChoice, text } from './flags.ts'
import type { TargetFlags } from './rollup-target.ts'
import { parseTimes } from './time-flags.ts'

type Flags = BucketFlags &
  ConfigFlags &
  TargetFlags & {
    readonly from: string
    readonly granularity: string
    readonly shards: string
    readonly series?: string
    readonly seriesFile?: string
    readonly namePattern?: string
    readonly listAll: boolean
    readonly bufferedSlots: number
    readonly workers?: number
    readonly batchSize?: number
    readonly kernel: 'fast' | 'general'
    readonly before: number
    readonly after: number
    readonly late: 'reroll' | 'drop' | 'abort'
    readonly maxLate?: number
    readonly maxRejects: string
    readonly follow: boolean
    readonly idleExit?: number
    readonly deleteFiles: boolean
    readonly dryRun: boolean
    readonly allowEmpty: boolean
    readonly allowShrink: boolean
    readonly partialSlots: boolean
    readonly takeOver: boolean
    readonly output: 'text' | 'json'
    readonly quiet: boolean
  }

export const rollupCommand = defineCommand<Flags>({
  flags: {
    from: text(
      'The raw archive: a directory, s3://bucket/prefix or swift://[auth-host]/container/prefix; or a store with finer rows: cassandra://…, a lake',
      'url',
    ),
    to: text('Directory of the lake, made where it is missing; or cassandra://host[:port][,host…]/KEYSPACE', 'store'),
    stateDir: { ...text('Where jobs that write into Cassandra keep their state', 'dir'), default: '.retrofill' },
    ...cassandraFlags,
    granularity: { ...text('Levels to keep: 5m, 20m, 60m, 240m, 1440m, with commas', 'levels'), default: '5m' },
    shards: { ...text('Shards to take: ALL, NONE, or a list such as 0-15,40', 'list'), default: 'ALL' },
    series: optional(text('Of a store: series to take, by name or glob', 'glob')),
    seriesFile: optional(text('Of a store: file of the names of series to take, one a line', 'file')),
    namePattern: optional(text('Regular expression of file names, with groups ts and chunk', 'regex')),
    listAll: flag('List every name of a bucket, whatever date it begins with'),
    bufferedSlots: { ...count('buffered-slots', 1, 'Newer populated slots after which a slot closes'), default: '3' },
    workers: optional(count('workers', 0, 'Threads that unpack and scan (default: one a core but one)')),
    batchSize: optional(count('batch-size', 1, 'Files in flight (default: two a worker; at least 8, from a bucket 5)')),
    kernel: choice('kernel', ['fast', 'general'], 'How lines are read, for tests and for doubt: the rows are the same'),
    ...bucketFlags,
    ...configFlags,
    before: {
      ...text('How far before the range file names are looked at', 'duration'),
      parse: parseDuration,
      default: '15m',
    },
    after: {
      ...text('How far after the range file names are looked at', 'duration'),
      parse: parseDuration,
      default: '30m',
    },
    compat: optionalChoice(
      'compat',
      ['blueflood'],
      'Roll up to the bit as Blueflood does: with the slot that starts at the end, and empty rollups in min and max',
    ),
    late: choice('late', ['reroll', 'drop', 'abort'], 'What becomes of points whose slot has closed'),
    maxLate: optional(count('max-late', 0, 'Late lines that --late abort tolerates (default 10)')),
    maxRejects: { ...text('Bad lines that are tolerated: a number, or a share such as 1%', 'n|x%'), default: '1%' },
    mean: optionalChoice('mean', ['exact', 'blueflood'], 'What the mean is (default: exact; in Cassandra blueflood)'),
    verify: optionalChoice(
      'verify',
      ['full', 'checksum', 'sample', 'none'],
      'How rows are read back and compared (default: checksum; in Cassandra sample)',
    ),
    existing: optionalChoice(
      'existing',
      ['refuse', 'replace', 'keep', 'larger-count'],
      'What becomes of rows that others have written (default: refuse; in Cassandra replace)',
    ),
    follow: flag('Wait for the files of a directory that another process fills'),
    idleExit: optional({
      ...text('End after so long without a new file, such as 10m', 'duration'),
      parse: parseDuration,
    }),
    deleteFiles: flag('Remove a file once nothing is left to do with it'),
    dryRun: flag('Say what would be done, and do nothing'),
    allowEmpty: flag('An archive without points is no failure'),
    allowShrink: flag('Let a chunk be made again with fewer points or rows'),
    partialSlots: flag('Write coarse slots that lie only partly in the range'),
    takeOver: flag('Take over the lock of a dead process on another host'),
    output: choice('output', ['text', 'json'], 'Form of the report'),
    quiet: flag('No progress'),
  },
  aliases: { q: 'quiet' },
  async run(context, flags) {
    const base = await parseOptions(context, flags)
    if (await isStored(flags)) return (await import('./rollup-store.ts')).runStoredRollup(context, base, flags)
    if (!isCassandraUrl(flags.to)) {
      const { lakeDefaults } = await import('./rollup-target.ts')
      const options = { ...base, ...lakeDefaults(flags) }
      return flags.dryRun ? runDry(context, options, { output: flags.output }) : runRollup(context, options, flags)
    }
    const { cassandraTarget, withCassandra } = await import('./rollup-cassandra.ts')
    const target = cassandraTarget(flags, base)
    if (flags.dryRun) return runDry(context, target.options, { ...flags, ...target.pace })
    return withCassandra(context, { target, flags }, (options, announce) =>
      runRollup(context, options, { ...flags, announce }),
    )
  },
})

/** Whether the source is a store with rows, and not an archive. */
async function isStored({ from, series, seriesFile, follow }: Flags): Promise<boolean> {
  const { namesRows } = await import('../store/open.ts')
  const isStore = await namesRows(from)
  if (isStore && follow) throw usageError(`--follow needs a directory of archive files, got ${from}`)
  if (!isStore && (series ?? seriesFile) !== undefined)
    throw usageError('--series and --series-file are for stores: of an archive --shards selects')
  return isStore
}

/** The options of a run but for those whose defaults depend on where it writes. */
type BaseOptions = Omit<RollupOptions, 'mean' | 'existing' | 'verify'>

async function parseOptions(context: Context, flags: Flags): Promise<BaseOptions> {
  const [{ parseGranularities, min5 }, { parseShards }, { parseBudget }] = await Promise.all([
    import('../time/granularity.ts'),
    import('../archive/shards.ts'),
    import('../backfill/budget.ts'),
  ])
  const { start, end } = await parseTimes(flags, context)
  const granularities = parseGranularities(flags.granularity)
  if (granularities.some(({ size }) => size % min5.size !== 0))
    throw usageError(`invalid --granularity: expected multiples of 5m, got ${flags.granularity}`)
  // Blueflood takes the slots of both ends.
  const range = rangeOf(start, end !== undefined && flags.compat === 'blueflood' ? end + 1 : end)
  // The main thread, which merges, has a core to itself.
  const workers = flags.workers ?? Math.max(1, availableParallelism() - 1)
  return {
    ...flags,
    access: await bucketAccess(flags, context),
    range,
    follow: parseFollow(flags, range),
    granularities,
    shards: parseShards(flags.shards),
    margins: { before: flags.before, after: flags.after },
    late: parseLate(flags),
    budget: parseBudget(flags.maxRejects),
    workers,
    // Reading goes on while a chunk is written; from a bucket that is as many requests at once.
    batchSize: flags.batchSize ?? Math.max(isRemote(flags.from) ? 5 : 8, 2 * workers),
  }
}

function rangeOf(start: number | undefined, end: number | undefined): Range | undefined {
  if (start !== undefined && end !== undefined) return { start, end }
  if (start === undefined && end === undefined) return undefined
  throw usageError(
    'incomplete range: --start-time and --end-time go together',
    'give both, or none to take all there is',
  )
}

function parseLate({ late, maxLate }: Flags): RollupOptions['late'] {
  if (late === 'abort') return { kind: late, maxLate: maxLate ?? 10 }
  if (maxLate !== undefined) throw usageError(`--max-late is for --late abort, got --late ${late}`)
  return { kind: late }
}

function parseFollow(flags: Flags, range: Range | undefined): RollupOptions['follow'] {
  const { follow, idleExit, deleteFiles, late } = flags
  if (!follow && (idleExit !== undefined || deleteFiles))
    throw usageError(`${deleteFiles ? '--delete-files' : '--idle-exit'} is for --follow`)
  if (!follow) return undefined
  if (isRemote(flags.from)) throw usageError(`--follow needs a directory, got ${flags.from}`)
  if (!range) throw usageError('--follow needs --start-time and --end-time', 'it cannot know what is still to come')
  if (deleteFiles && late !== 'reroll')
    throw usageError(
      `--delete-files needs --late reroll, got --late ${late}`,
      'what drops late points reads all files again',
    )
  return { idleExit, deleteFiles }
}

interface RunFlags extends Pick<Flags, 'quiet' | 'output'> {
  /** Told which slots the run is about, before it begins. */
  announce?(slots: Range): void
}

async function runRollup(context: Context, options: RollupOptions, flags: RunFlags): Promise<ExitCode> {
  // Its threads start while all else is loaded.
  const reader = (await import('../source/archive/reader.ts')).openReader(options)
  const [
    { rollUpArchive },
    { formatSummary },
    { nodeFiles },
    { showProgress },
    { covers, formatRange },
    { resumable },
  ] = await Promise.all([
    import('../backfill/run.ts'),
    import('./rollup-report.ts'),
    import('../util/files.ts'),
    import('./progress.ts'),
    import('../time/range.ts'),
    import('./resumable.ts'),
  ])
  const progress = showProgress(context, flags)
  let range: Range | undefined
  const effects = {
    signal: context.signal,
    now: context.now,
    files: nodeFiles,
    reader,
    progress,
    notify: (message: string) => say(context, message),
    onStart(start: { range: Range; slots: Range }) {
      range = start.range
      if (!covers(range, start.slots)) say(context, `range widened to whole slots: ${formatRange(start.slots)}`)
      flags.announce?.(start.slots)
    },
  }
  const run = async () => {
    const summary = await rollUpArchive(options, effects).finally(() => progress.end())
    print(context, flags.output === 'json' ? JSON.stringify(summary) : formatSummary(summary))
    return summary.exitCode
  }
  return resumable(context, { rangeOf: () => range }, run)
}

async function runDry(
  context: Context,
  options: PlannedOptions,
  { output, maxWritesPerSecond }: Pick<Flags, 'output' | 'maxWritesPerSecond'>,
): Promise<ExitCode> {
  const [{ planArchive }, { formatPlan }] = await Promise.all([
    import('../backfill/dry-run.ts'),
    import('./rollup-plan.ts'),
  ])
  const plan = { ...(await planArchive(options, context.signal)), maxWritesPerSecond }
  print(context, output === 'json' ? JSON.stringify(plan) : formatPlan(plan))
  return ExitCode.ok
}
