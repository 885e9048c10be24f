import { parse } from 'yaml'
import { errorMessage, usageError } from '../util/errors.ts'
import { didYouMean } from '../util/suggest.ts'

/** What a flag takes: of a list each item is a flag of its own. */
type FlagKinds = ReadonlyMap<string, 'boolean' | 'value' | 'list'>

/** The value of a flag; several where it is given several times. */
export type FlagValue = string | readonly string[]

export interface OptionsFileReading {
  readonly path: string
  readonly command: string
  /** The flags of each command that takes the file, and the names of the other commands. */
  readonly known: ReadonlyMap<string, FlagKinds>
  readonly others: readonly string[]
}

/**
 * Reads `retrofill.yaml`: flags by name, for every command that has them, or below the name of a command for that one.
 * @returns the flags of one command
 * @throws a usage error where it is no such file, or names what no command that takes it knows
 */
export function readOptionsFile(
  text: string,
  { path, command, known, others }: OptionsFileReading,
): Map<string, FlagValue> {
  const content = parseYaml(text, path)
  const other = others.find((name) => Object.hasOwn(content, name))
  if (other !== undefined)
    throw usageError(`${path} cannot hold options of ${other}`, `it is for ${[...known.keys()].join(', ')}`)
  const flags = new Map<string, FlagValue>()
  const everyFlag = new Set([...known.values()].flatMap((kinds) => [...kinds.keys()]))
  const own: FlagKinds = known.get(command) ?? new Map()
  for (const [name, value] of Object.entries(content)) {
    if (known.has(name)) continue
    if (!everyFlag.has(name))
      throw usageError(`unknown option in ${path}: ${name}${didYouMean(name, [...everyFlag, ...known.keys()])}`)
    if (own.has(name)) flags.set(name, flagValue(value, own.get(name), `${name} in ${path}`))
  }
  for (const [name, kinds] of known) {
    for (const [flag, value] of Object.entries(mapping(content[name] ?? {}, `${name} in ${path}`))) {
      if (!kinds.has(flag))
        throw usageError(`unknown option of ${name} in ${path}: ${flag}${didYouMean(flag, [...kinds.keys()])}`)
      if (name === command) flags.set(flag, flagValue(value, kinds.get(flag), `${flag} in ${path}`))
    }
  }
  return flags
}

function parseYaml(text: string, path: string): Record<string, unknown> {
  try {
    // As text: a date is to be read like that of a flag.
    return mapping(parse(text, { schema: 'failsafe' }) ?? {}, path)
  } catch (error) {
    if (error instanceof Error && error.name === 'YAMLParseError')
      // The excerpt that its colon announces stands on the lines below.
      throw usageError(`cannot understand ${path}: ${errorMessage(error).split('\n')[0].replace(/:$/, '')}`)
    throw error
  }
}

function mapping(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`invalid ${what}: expected names and values`)
}

/** A list is several flags where the flag is repeatable, else one value with commas. */
function flagValue(value: unknown, kind: 'boolean' | 'value' | 'list' | undefined, what: string): FlagValue {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return kind === 'list' ? value : value.join(',')
  throw usageError(`invalid ${what}: expected one value`)
}
