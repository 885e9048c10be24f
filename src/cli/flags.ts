import { oneOf, wholeNumber } from './values.ts'

/** A flag that takes any text. */
export const text = (brief: string, placeholder: string) => ({
  kind: 'parsed' as const,
  parse: String,
  brief,
  placeholder,
})

/** A flag that is there or not. */
export const flag = (brief: string) => ({
  kind: 'boolean' as const,
  brief,
  default: false,
  withNegated: false as const,
})

/** The same flag, which may be absent. */
export const optional = <Flag extends object>(given: Flag) => ({ ...given, optional: true }) as const

/** The same flag, which may be given several times, or be absent. */
export const list = <Flag extends object>(given: Flag) => ({ ...given, variadic: true, optional: true }) as const

/** A flag that takes one of some words, by default the first. */
export const choice = <const Word extends string>(name: string, words: readonly [Word, ...Word[]], brief: string) => ({
  kind: 'parsed' as const,
  parse: oneOf(name, words),
  default: words[0],
  brief: `${brief}: ${words.join(', ')}`,
  placeholder: 'word',
})

/** A flag that takes one of some words, or is absent. */
export const optionalChoice = <const Word extends string>(
  name: string,
  words: readonly [Word, ...Word[]],
  brief: string,
) => {
  const { default: _, ...rest } = choice(name, words, brief)
  return { ...rest, optional: true as const }
}

/** A flag that takes a whole number from `least` up. */
export const count = (name: string, least: number, brief: string) => ({
  kind: 'parsed' as const,
  parse: wholeNumber(name, least),
  brief,
  placeholder: 'n',
})
