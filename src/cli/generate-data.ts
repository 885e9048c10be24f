import { ExitCode, usageError } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { confirm } from './confirm.ts'
import { type Context, print, say } from './context.ts'
import { createProgress } from './progress.ts'

type Flags = {
  readonly input?: string
  readonly output?: string
  readonly ouput?: string
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
  readonly quiet: boolean
}

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, optional: true, brief, placeholder }) as const
const flag = (brief: string) => ({ kind: 'boolean', default: false, withNegated: false, brief }) as const

export const generateDataCommand = defineCommand<Flags>({
  brief: 'Generate metric history from an experimental design',
  fullDescription:
    'Reads an experimental design (YAML) and writes a metrics file: random values and arrival times by the functions of ' +
    "Python's random, functions of existing data, plausible load. The same seed gives the same file.",
  flags: {
    input: text('Design file', 'design.yaml'),
    output: text('Metrics file to write or to add to (default: metrics.json.gz)', 'file'),
    ouput: { ...text('The documentation of Clusterman spells --output so', 'file'), hidden: true },
    seed: text(
      'Integer or text that everything random follows from (str: and int: force one); default: the time',
      'seed',
    ),
    timezone: text('Zone of times that name none (default: UTC; with --compat clusterman US/Pacific)', 'zone'),
    now: text('Clock for relative times', 'time'),
    metricsDataFile: text('Metrics file that functions of existing data read', 'file'),
    format: {
      kind: 'enum',
      values: ['plain', 'clusterman'],
      default: 'plain',
      brief: 'plain: [[time, value], …]; clusterman: what Clusterman itself reads',
    },
    compat: {
      kind: 'enum',
      values: ['clusterman'],
      optional: true,
      brief: 'Draw as Clusterman does: one stream, whole seconds, text seeds',
    },
    maxPoints: {
      kind: 'parsed',
      parse: parseCount,
      default: '100000000',
      brief: 'Most points that a design may make',
      placeholder: 'n',
    },
    dryRun: flag('Make everything, count it, write nothing'),
    printSchema: flag('Print the JSON Schema of design files'),
    yes: flag('Overwrite metrics that the output holds already'),
    quiet: flag('No progress, no summary'),
  },
  aliases: { i: 'input', o: 'output', y: 'yes', q: 'quiet' },
  async run(context, flags) {
    if (flags.printSchema) return printSchema(context)
    const { generateData } = await import('../generate/generate-data.ts')
    const options = await readOptions(context, flags)
    const progress = createProgress(context, 'points', flags.quiet)
    const written = await generateData({ ...options, onPoints: progress.add }).finally(progress.end)
    const size = `${count(written.metrics, 'metric')}, ${count(written.points, 'point')}, ${count(written.bytes, 'byte')}`
    if (flags.dryRun) print(context, size)
    else if (!flags.quiet) say(context, `${options.output}: ${size}`)
    return ExitCode.ok
  },
})

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
    output: readOutput(context, flags),
    seed: await announceSeed(context, flags.seed, compat),
    compat,
    format: flags.format,
    timezone,
    now,
    maxPoints: flags.maxPoints,
    dataFile: flags.metricsDataFile,
    dryRun: flags.dryRun,
    signal: context.signal,
    confirm: async ({ name }: { name: string }) =>
      flags.yes || confirm(context, `This will overwrite existing data for ${name}. Proceed?`),
  }
}

function readOutput(context: Context, { output, ouput }: Flags): string {
  if (ouput !== undefined) say(context, 'note: --ouput is understood as --output')
  return output ?? ouput ?? 'metrics.json.gz'
}

/** Prints the seed in use in the form that `--seed` takes. */
async function announceSeed(context: Context, given: string | undefined, compat: boolean): Promise<bigint | string> {
  const { formatSeed, parseSeed } = await import('../generate/seed.ts')
  const seed = given ? parseSeed(given, { compat }) : BigInt(Math.floor(context.now() / 1_000))
  print(context, `Random Seed: ${formatSeed(seed, { compat })}`)
  return seed
}

function parseCount(text: string): number {
  const number = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(number) || number <= 0)
    throw usageError(`expected a whole number above 0, got ${text || 'nothing'}`)
  return number
}

const count = (number: number, unit: string): string =>
  `${number.toLocaleString('en')} ${unit}${number === 1 ? '' : 's'}`
