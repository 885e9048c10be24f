import { type CliCommand, kebab } from './command.ts'

/**
 * Spells a command line out, so that every flag is written in one way: letters and synonyms become the flags that they stand for,
 * `--startTime` becomes `--start-time`, and of a flag that takes a list every word gets the flag before it, so that
 * `--reports cpus cost` is `--reports=cpus --reports=cost`; a flag that may stand alone gets the value which that means.
 */
export function spellOut([name, ...rest]: readonly string[], command: CliCommand): string[] {
  let list: string | undefined
  const words = rest
    .map((word) => detached(word, command))
    .flatMap((word, i) => {
      const [, flag, value] = /^(--?[^=]+)(=.*)?$/s.exec(word) ?? []
      const spelled = flag === undefined ? undefined : nameOf(flag, command)
      if (spelled === undefined) return list === undefined || word.startsWith('-') ? [word] : [`--${list}=${word}`]
      list = command.flags.get(spelled) === 'list' ? spelled : undefined
      if (list !== undefined && value === undefined) return []
      const isAlone = value === undefined && (rest[i + 1] ?? '-').startsWith('-')
      const implied = isAlone ? command.implied.get(spelled) : undefined
      return [`--${spelled}${implied === undefined ? (value ?? '') : `=${implied}`}`]
    })
  return [name, ...words]
}

/** `-oname=value` as `-o=name=value`. */
function detached(word: string, { synonyms, flags }: CliCommand): string {
  const [, letter, value] = /^(-[a-z])([^=].*)$/s.exec(word) ?? []
  const flag = letter === undefined ? undefined : synonyms.get(letter)
  return flag === undefined || flags.get(flag) === 'boolean' ? word : `${letter}=${value}`
}

const nameOf = (flag: string, { synonyms }: CliCommand): string | undefined =>
  synonyms.get(flag) ?? (flag.startsWith('--') ? kebab(flag.slice(2)) : undefined)
