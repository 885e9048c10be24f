import type { BluefloodConfig, ConfiguredCommand } from '../config/blueflood.ts'
import type { FlagValue } from '../config/options-file.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import { usageError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { readNamedText } from '../util/named-file.ts'
import type { CliCommand } from './command.ts'
import type { CommandTable } from './commands.ts'
import { isGiven, variableOf, withEnvironment } from './environment.ts'
import { list, optional, text } from './flags.ts'

/** Flags of the commands that take a configuration. They are used before the command is run. */
export type ConfigFlags = {
  readonly config?: string
  readonly set?: readonly string[]
}

export const configFlags = {
  config: optional(text('A Blueflood configuration as it is, or a retrofill.yaml', 'file')),
  set: list(text('A key of a Blueflood configuration and its value, as -DKEY=value', 'KEY=value')),
} as const

/** A value of a flag, and where it comes from. */
export interface Sourced {
  readonly value: FlagValue
  readonly source: string
}

/** What a command line means together with the files and variables around it. */
export interface Configuration {
  readonly argv: readonly string[]
  readonly credentials: Readonly<Record<string, string>>
  readonly blueflood?: BluefloodConfig
  /** What is not a flag of the command line itself, by flag; the first one holds. */
  readonly values: ReadonlyMap<string, readonly Sourced[]>
  /** What a person should know of it. */
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

const optionsFile = 'retrofill.yaml'

/**
 * Puts what configurations say before the flags of a command line: `retrofill.yaml` of the working directory, then `--config`, then the
 * environment, then `--set`, then flags, each going before the last.
 */
export async function configure(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  commands: CommandTable,
): Promise<Configuration> {
  const [name, ...rest] = argv
  const command = await commands[name].load()
  if (!isConfigured(name) || rest.includes('--help'))
    return { argv: withEnvironment(argv, env, command), credentials: {}, values: new Map(), notes: [], warnings: [] }
  const sets = parseSets(rest)
  const path = (givenValue(rest, 'config') ?? env.RETROFILL_CONFIG)?.replace(/^file:(\/\/(?=\/))?/, '')
  const isOptions = path !== undefined && /\.ya?ml$/.test(path)
  const isConf = path !== undefined ? !isOptions : sets.size > 0
  if (isOptions && sets.size > 0) throw usageError('--set is for a Blueflood configuration', `write it into ${path}`)
  const source = path ?? '--set'
  const text = isConf && path !== undefined ? await readNamedText(path, 'latin1') : ''
  const readsStore = isCassandraUrl(givenValue(rest, 'from') ?? env.RETROFILL_FROM ?? '') || undefined
  const reader = isConf ? await import('../config/blueflood.ts') : undefined
  const blueflood = reader?.readBlueflood(text, { overrides: sets, readsStore })
  const flags = [...command.flags.keys()]
  const isSet = (key: string) => sets.has(key)
  const values = stack(flags, [
    bluefloodLayer(blueflood, name, { isMeant: (keys) => keys.some(isSet), source: (keys) => `--set ${keys}` }),
    new Map(flags.map((flag) => [flag, { value: env[variableOf(flag)] ?? '', source: variableOf(flag) }])),
    bluefloodLayer(blueflood, name, {
      isMeant: (keys) => keys.length > 0 && !keys.some(isSet),
      source: (keys) => `${keys} of ${source}`,
    }),
    await optionsLayer(isOptions ? path : undefined, { command: name, commands }),
    bluefloodLayer(blueflood, name, { isMeant: (keys) => keys.length === 0, source: () => bluefloodDefault }),
  ])
  const added = [...values].flatMap(([flag, [{ value }]]) => (isGiven(rest, flag) ? [] : spelled(flag, value)))
  return {
    argv: [name, ...added, ...rest],
    credentials: blueflood?.credentials ?? {},
    blueflood,
    values,
    notes: [...(blueflood ? tellKeys(blueflood, source) : []), ...tellWinners(values, rest)],
    warnings: reader && blueflood && name === 'rollup' && !isGiven(rest, 'shards') ? reader.warnings(blueflood) : [],
  }
}

/** A flag and its value as words of a command line. */
export const spelled = (flag: string, value: FlagValue): string[] => [value].flat().map((word) => `--${flag}=${word}`)

type Layer = ReadonlyMap<string, Sourced>

const isConfigured = (name: string | undefined): name is ConfiguredCommand =>
  name === 'download' || name === 'verify' || name === 'rollup'

/** The values of each flag that has any, those of earlier layers first. */
function stack(flags: readonly string[], layers: readonly Layer[]): Map<string, Sourced[]> {
  const found = flags
    .filter((flag) => flag !== 'config' && flag !== 'set')
    .map(
      (flag) =>
        [flag, layers.flatMap((layer) => layer.get(flag) ?? []).filter(({ value }) => value.length > 0)] as const,
    )
  return new Map(found.filter(([, values]) => values.length > 0))
}

/** Where a value comes from that a Blueflood configuration leaves to Blueflood. */
const bluefloodDefault = "Blueflood's default"

function bluefloodLayer(
  blueflood: BluefloodConfig | undefined,
  command: ConfiguredCommand,
  { isMeant, source }: { isMeant(keys: readonly string[]): boolean; source(keys: string): string },
): Layer {
  const flags = [...(blueflood?.flags[command] ?? [])].filter(([, { keys }]) => isMeant(keys))
  return new Map(flags.map(([flag, { value, keys }]) => [flag, { value, source: source(keys.join(', ')) }]))
}

async function optionsLayer(
  given: string | undefined,
  { command, commands }: { command: string; commands: CommandTable },
): Promise<Layer> {
  const path = given ?? optionsFile
  if (given === undefined && !(await nodeFiles.read(path))) return new Map()
  const { readOptionsFile } = await import('../config/options-file.ts')
  const names = Object.keys(commands)
  const known = await Promise.all(
    names.filter(isConfigured).map(async (name) => [name, await ownFlags(commands[name])] as const),
  )
  const flags = readOptionsFile(await readNamedText(path), {
    path,
    command,
    known: new Map(known),
    others: names.filter((name) => !isConfigured(name)),
  })
  return new Map([...flags].map(([flag, value]) => [flag, { value, source: path }]))
}

/** The flags of a command that a file may hold: all but those that say which file that is. */
async function ownFlags({ load }: CommandTable[string]): Promise<CliCommand['flags']> {
  return new Map([...(await load()).flags].filter(([flag]) => flag !== 'config' && flag !== 'set'))
}

function tellKeys({ used, notNeeded, notUnderstood }: BluefloodConfig, source: string): string[] {
  return [
    `${source}: used ${used.join(', ') || 'nothing'}`,
    ...(notNeeded.length > 0 ? [`${source}: not needed ${notNeeded.join(', ')}`] : []),
    ...(notUnderstood.length > 0 ? [`${source}: not understood ${notUnderstood.join(', ')}`] : []),
  ]
}

/** Says which value holds where several were given. */
function tellWinners(values: ReadonlyMap<string, readonly Sourced[]>, argv: readonly string[]): string[] {
  return [...values].flatMap(([flag, sourced]) => {
    const all = isGiven(argv, flag)
      ? [{ value: givenValue(argv, flag) ?? '', source: 'the command line' }, ...sourced]
      : sourced
    return all
      .slice(1)
      .flatMap(({ value, source }) =>
        `${value}` === `${all[0].value}` || source === bluefloodDefault
          ? []
          : [`--${flag}: ${all[0].value} of ${all[0].source} goes before ${value} of ${source}`],
      )
  })
}

/** The value that a command line gives a flag, if it does. */
function givenValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`))
  if (at < 0) return undefined
  return argv[at] === `--${flag}` ? argv[at + 1] : argv[at].slice(flag.length + 3)
}

function parseSets(argv: readonly string[]): Map<string, string> {
  const sets = new Map<string, string>()
  for (const word of argv) {
    if (!word.startsWith('--set=')) continue
    const [, key, value] = /^--set=([^=]+)=(.*)$/s.exec(word) ?? []
    if (key === undefined) throw usageError(`invalid --set: expected KEY=value, got ${word.slice(6)}`)
    if (sets.has(key) && sets.get(key) !== value) throw usageError(`contradiction: --set gives ${key} twice`)
    sets.set(key, value)
  }
  return sets
}
