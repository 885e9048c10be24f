import { usageError } from '../util/errors.ts'
import { type CliCommand, kebab } from './command.ts'

/**
 * Spells a command line out, so that every flag is written in one way: letters and synonyms become the flags that they stand for,
 * `--startTime` becomes `--start-time`, and of a flag that takes a list every word gets the flag before it, so that
 * `--reports cpus cost` is `--reports=cpus --reports=cost`; a flag that may stand alone gets the value which that means.
 * @throws a usage error for `--flag=` and `--flag ''`, which have no value
 */
export function spellOut([name, ...rest]: readonly string[], command: CliCommand): string[] {
  let list: string | undefined
  const words = rest
    .map((word) => detached(word, command))
    .flatMap((word, i) => {
      const [, flag, value] = /^(--?[^=]+)(=.*)?$/s.exec(word) ?? []
      const spelled = flag === undefined ? undefined : nameOf(flag, command)
      if (spelled === undefined) return list === undefined || word.startsWith('-') ? [word] : [withValue(list, word)]
      list = command.flags.get(spelled) === 'list' ? spelled : undefined
      if (list !== undefined && value === undefined) return []
      const isAlone = value === undefined && (rest[i + 1] ?? '-').startsWith('-')
      if (value === undefined && rest[i + 1] === '' && command.flags.get(spelled) === 'value')
        return [withValue(spelled, '')]
      const given = isAlone ? command.implied.get(spelled) : value?.slice(1)
      return [given === undefined ? `--${spelled}` : withValue(spelled, given)]
    })
  return [name, ...words]
}

function withValue(flag: string, value: string): string {
  if (value === '') throw usageError(`--${flag} has an empty value`, 'give it one, or leave it out')
  return `--${flag}=${value}`
}

/** `-oname=value` as `-o=name=value`. */
function detached(word: string, { synonyms, flags }: CliCommand): string {
  const [, letter, value] = /^(-[a-z])([^=].*)$/s.exec(word) ?? []
  const flag = letter === undefined ? undefined : synonyms.get(letter)
  return flag === undefined || flags.get(flag) === 'boolean' ? word : `${letter}=${value}`
}

const nameOf = (flag: string, { synonyms }: CliCommand): string | undefined =>
  synonyms.get(flag) ?? (flag.startsWith('--') ? kebab(flag.slice(2)) : undefined)
