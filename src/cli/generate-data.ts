import type { GenerateDataOptions } from '../generate/generate-data.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { confirm } from './confirm.ts'
import { type Context, print, say } from './context.ts'
import { showCount } from './count-progress.ts'
import { checkDatabaseFlags, type DatabaseFlags, databaseFlags } from './database-flags.ts'
import { choice, count, flag, optional, text } from './flags.ts'
import { plural } from './format.ts'
import { openStore } from './open-store.ts'
import { type ShareProgress, showShare } from './share-progress.ts'
import { localPath } from './values.ts'

type Flags = DatabaseFlags & {
  readonly input?: string
  readonly output?: string
  readonly ouput?: string
  readonly to?: string
  readonly seed?: string
  readonly timezone?: string
  readonly now?: string
  readonly metricsDataFile?: string
  readonly format: 'plain' | 'clusterman'
  readonly compat?: 'clusterman'
  readonly maxPoints: number
  readonly dryRun: boolean
  readonly printSchema: boolean
  readonly yes: boolean
  readonly allowLossy: boolean
  readonly takeOver: boolean
  readonly quiet: boolean
}

export const generateDataCommand = defineCommand<Flags>({
  fullDescription:
    'Reads an experimental design (YAML) and writes a metrics file, or into a lake or a database: random values and arrival times by the functions of ' +
    "Python's random, functions of existing data, plausible load. The same seed gives the same file.",
  flags: {
    input: optional(text('Design file', 'design.yaml')),
    output: optional(text('Metrics file to write or to add to (default: metrics.json.gz)', 'file')),
    ouput: { ...optional(text('The documentation of Clusterman spells --output so', 'file')), hidden: true },
    to: optional(
      text('Store to write or to add to: a lake, a metrics file *.json.gz, cassandra://… or dynamodb://…', 'store'),
    ),
    seed: optional(
      text('Integer or text that everything random follows from (str: and int: force one); default: the time', 'seed'),
    ),
    timezone: optional(
      text('Zone of times that name none (default: UTC; with --compat clusterman US/Pacific)', 'zone'),
    ),
    now: optional(text('Clock for relative times', 'time')),
    metricsDataFile: optional(text('Metrics file, lake or database that functions of existing data read', 'store')),
    format: choice('format', ['plain', 'clusterman'], 'What the file looks like; Clusterman itself reads the second'),
    compat: {
      kind: 'enum',
      values: ['clusterman'],
      optional: true,
      brief: 'Draw as Clusterman does: one stream, whole seconds, text seeds',
    },
    maxPoints: { ...count('max-points', 1, 'Most points that a design may make'), default: '100000000' },
    dryRun: flag('Make everything, count it, write nothing'),
    printSchema: flag('Print the JSON Schema of design files'),
    yes: flag('Overwrite metrics that the output holds already'),
    ...databaseFlags,
    allowLossy: flag(
      'Let a database round what it cannot hold exactly, and --format clusterman keep one point a second',
    ),
    takeOver: flag('Take over the lock of a dead process on another host'),
    quiet: flag('No progress, no summary'),
  },
  aliases: { i: 'input', o: 'output', y: 'yes', q: 'quiet' },
  async run(context, flags) {
    if (flags.printSchema) return printSchema(context)
    const options = await readOptions(context, flags)
    try {
      return await runGenerator(context, flags, options)
    } catch (error) {
      if (!context.signal.aborted) throw error
      say(context, `interrupted: ${leftBehind(options)}`)
      return ExitCode.interrupted
    }
  },
})

type Options = Awaited<ReturnType<typeof readOptions>> & Pick<GenerateDataOptions, 'onPush'>

async function runGenerator(context: Context, flags: Flags, options: Options): Promise<ExitCode> {
  const { generateData } = await import('../generate/generate-data.ts')
  const making = showCount(context, { unit: 'points', quiet: flags.quiet })
  // Its clock starts with the first hour that a database has taken.
  let pushing: ShareProgress | undefined
  const onPush: Options['onPush'] = ({ done, total, points }) => {
    pushing ??= showShare(context, flags)
    pushing.count(points)
    pushing.share(done, total)
  }
  const made = generateData({ ...options, onPoints: making.add, onPush })
  const {
    metrics,
    points,
    bytes,
    leftOut = 0,
  } = await made.finally(() => {
    making.end()
    pushing?.end()
  })
  const counts = [
    plural(metrics, 'metric'),
    plural(points, 'point'),
    ...(bytes === undefined ? [] : [plural(bytes, 'byte')]),
    ...(leftOut === 0 ? [] : [`${plural(leftOut, 'point')} left out: one a second is kept`]),
  ]
  const size = counts.join(', ')
  if (flags.dryRun) print(context, size)
  else if (!flags.quiet) say(context, `${options.output}: ${size}`)
  return ExitCode.ok
}

function leftBehind({ output, into = 'file' }: Options): string {
  if (into === 'file') return `${output} is as it was`
  const done = into === 'lake' ? `every hour of ${output} is whole or as it was` : `${output} may hold a part`
  return `${done}, the same command and seed finish it`
}

async function printSchema(context: Context): Promise<ExitCode> {
  const { designJsonSchema } = await import('../generate/schema.ts')
  print(context, JSON.stringify(designJsonSchema(), null, 2))
  return ExitCode.ok
}

async function readOptions(context: Context, flags: Flags) {
  const { parseInstant } = await import('../time/instant.ts')
  if (flags.input === undefined)
    throw usageError('--input is missing: name a design file', 'retrofill generate-data --input design.yaml')
  const compat = flags.compat === 'clusterman'
  const timezone = flags.timezone ?? (compat ? 'US/Pacific' : 'UTC')
  const clock = context.now()
  const now = flags.now === undefined ? clock : await parseInstant(flags.now, { timezone, now: clock })
  return {
    input: flags.input,
    ...(await readOutput(context, flags)),
    seed: await announceSeed(context, flags.seed, compat),
    compat,
    format: flags.format,
    timezone,
    now,
    maxPoints: flags.maxPoints,
    dataFile: flags.metricsDataFile,
    openDatabase: (url: string) => openStore(context, url),
    allowLossy: flags.allowLossy,
    dryRun: flags.dryRun,
    takeOver: flags.takeOver,
    signal: context.signal,
    confirm: async ({ name }: { name: string }) =>
      flags.yes || confirm(context, `This will overwrite existing data for ${name}. Proceed?`),
  }
}

async function readOutput(
  context: Context,
  { output, ouput, to, ...flags }: Flags,
): Promise<Pick<GenerateDataOptions, 'output' | 'into'>> {
  if (ouput !== undefined) say(context, 'note: --ouput is understood as --output')
  const file = output ?? ouput
  if (to === undefined) {
    const place = localPath('output', file ?? 'metrics.json.gz', 'a metrics file; a store is for --to')
    checkDatabaseFlags({ ...flags, to: place })
    return { output: place, into: 'file' }
  }
  if (file !== undefined) throw usageError('--output and --to are both given', 'name one place to write to')
  const [{ openTarget }, { full }] = await Promise.all([import('./open-target.ts'), import('../time/granularity.ts')])
  const place = await openTarget(context, { ...flags, to }, { granularities: [full], mean: 'blueflood' })
  if (place.kind === 'store') return { output: place.name, into: place }
  return { output: place.path, into: place.kind }
}

/** Prints the seed in use in the form that `--seed` takes. */
async function announceSeed(context: Context, given: string | undefined, compat: boolean): Promise<bigint | string> {
  const { formatSeed, parseSeed } = await import('../generate/seed.ts')
  const seed = given ? parseSeed(given, { compat }) : BigInt(Math.floor(context.now() / 1_000))
  print(context, `Random Seed: ${formatSeed(seed, { compat })}`)
  return seed
}
