import type { PlannedOptions, RollupOptions } from '../backfill/options.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import { parseDuration } from '../time/duration.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { bucketFlags } from './bucket-flags.ts'
import { cassandraFlags } from './cassandra-flags.ts'
import { defineCommand } from './command.ts'
import { configFlags } from './configuration.ts'
import { type Context, print } from './context.ts'
import { choice, count, flag, optional, optionalChoice, text } from './flags.ts'
import type { RollupFlags } from './rollup-options.ts'
import type { RunFlags } from './rollup-run.ts'

export const rollupCommand = defineCommand<RollupFlags>({
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
    batchSize: optional(
      count('batch-size', 1, 'Files in flight (default: two a worker; at least 24, from a bucket 5)'),
    ),
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
    const { parseOptions, lakeOptions } = await import('./rollup-options.ts')
    const base = await parseOptions(context, flags)
    if (await isStored(flags)) return (await import('./rollup-store.ts')).runStoredRollup(context, base, flags)
    if (!isCassandraUrl(flags.to)) {
      const options = lakeOptions(base, flags)
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
async function isStored({ from, series, seriesFile, follow }: RollupFlags): Promise<boolean> {
  const { namesRows } = await import('../store/open.ts')
  const isStore = await namesRows(from)
  if (isStore && follow) throw usageError(`--follow needs a directory of archive files, got ${from}`)
  if (!isStore && (series ?? seriesFile) !== undefined)
    throw usageError('--series and --series-file are for stores: of an archive --shards selects')
  return isStore
}

async function runRollup(context: Context, options: RollupOptions, flags: RunFlags): Promise<ExitCode> {
  // Its threads start while all else is loaded.
  const reader = (await import('../source/archive/reader.ts')).openReader(options)
  const { runArchive } = await import('./rollup-run.ts')
  return runArchive(context, { options, flags, reader })
}

async function runDry(
  context: Context,
  options: PlannedOptions,
  { output, maxWritesPerSecond }: Pick<RollupFlags, 'output' | 'maxWritesPerSecond'>,
): Promise<ExitCode> {
  const [{ planArchive }, { formatPlan }] = await Promise.all([
    import('../backfill/dry-run.ts'),
    import('./rollup-plan.ts'),
  ])
  const plan = { ...(await planArchive(options, context.signal)), maxWritesPerSecond }
  print(context, output === 'json' ? JSON.stringify(plan) : formatPlan(plan))
  return ExitCode.ok
}
