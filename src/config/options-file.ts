import { parse } from 'yaml'
import { errorMessage, usageError } from '../util/errors.ts'
import { didYouMean } from '../util/suggest.ts'

/**
 * Reads `retrofill.yaml`: flags by name, for every command that has them, or below the name of a command for that one.
 * @param known the flags of each command
 * @returns the flags of one command
 * @throws a usage error where it is no such file, or names what no command knows
 */
export function readOptionsFile(
  text: string,
  { path, command, known }: { path: string; command: string; known: ReadonlyMap<string, ReadonlySet<string>> },
): Map<string, string> {
  const content = parseYaml(text, path)
  const flags = new Map<string, string>()
  const everyFlag = new Set([...known.values()].flatMap((names) => [...names]))
  const put = (name: string, value: unknown, names: ReadonlySet<string>) => {
    if (!everyFlag.has(name))
      throw usageError(`unknown option in ${path}: ${name}${didYouMean(name, [...everyFlag, ...known.keys()])}`)
    if (names.has(name)) flags.set(name, textOf(value, `${name} in ${path}`))
  }
  const own = known.get(command) ?? new Set()
  for (const [name, value] of Object.entries(content)) if (!known.has(name)) put(name, value, own)
  for (const [name, value] of Object.entries(content)) {
    const names = known.get(name)
    if (!names) continue
    for (const [flag, inner] of Object.entries(mapping(value, `${name} in ${path}`))) {
      if (!names.has(flag))
        throw usageError(`unknown option of ${name} in ${path}: ${flag}${didYouMean(flag, [...names])}`)
      if (name === command) flags.set(flag, textOf(inner, `${flag} in ${path}`))
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
      throw usageError(`cannot understand ${path}: ${errorMessage(error).split('\n')[0]}`)
    throw error
  }
}

function mapping(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`invalid ${what}: expected names and values`)
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',')
  throw usageError(`invalid ${what}: expected one value`)
}
