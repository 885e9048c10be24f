import type { CliCommand } from './command.ts'

/**
 * Spells a command line out as Stricli takes it: synonyms become the flags they stand for, and of a flag that takes a list every
 * word gets the flag before it, so that `--reports cpus cost` is `--reports=cpus --reports=cost`.
 */
export function spellOut(argv: readonly string[], commands: Readonly<Record<string, CliCommand>>): string[] {
  const [name, ...rest] = argv
  const command = name === undefined ? undefined : commands[name]
  if (!command) return [...argv]
  let list: string | undefined
  const words = rest.flatMap((word) => {
    const [, flag, value] = /^--([^=]+)(=.*)?$/s.exec(word) ?? []
    if (flag === undefined) return list === undefined || word.startsWith('-') ? [word] : [`--${list}=${word}`]
    const spelled = command.synonyms.get(flag) ?? flag
    list = command.flags.get(spelled)?.isList ? spelled : undefined
    return list !== undefined && value === undefined ? [] : [`--${spelled}${value ?? ''}`]
  })
  return [name, ...words]
}
