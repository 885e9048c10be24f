import { z } from 'zod'
import { parseDuration } from '../time/duration.ts'
import { second } from '../time/range.ts'
import { errorMessage, UserError, usageError } from '../util/errors.ts'
import { parseLocation } from '../util/location.ts'
import { didYouMean } from '../util/suggest.ts'
import type { SourceDefinition } from './definition.ts'

/** One `name=value` of a command line. */
export type GivenOption = readonly [name: string, value: string]

/** Reads `name=value`; the value may hold more equals signs. */
export function parseGivenOption(text: string): GivenOption {
  const at = text.indexOf('=')
  // The text is not shown: it may be a token that stands alone by mistake.
  if (at < 1) throw usageError('invalid option: expected name=value')
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

/** Words with commas between them: `AZ,inst_type`. */
export const words = z.string().transform((text) => text.split(',').map((word) => word.trim()))

/** An option that may stand several times. */
export const repeatable = z.union([z.string().transform((text) => [text]), z.array(z.string())])

/** A length of time in ms: a number of seconds, or with a unit such as `5m`. */
export const duration = z.string().transform((text, context) => {
  try {
    const ms = /^\d+$/.test(text) ? Number(text) * second : parseDuration(text)
    if (ms > 0) return ms
    context.addIssue(`expected a length of time above 0, got ${text}`)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    context.addIssue(error.message)
  }
  return z.NEVER
})

/** The URL of a service, without a login. */
export const endpoint = z.string().transform((text, context) => {
  try {
    parseLocation(text)
    return text
  } catch (error) {
    context.addIssue(errorMessage(error))
    return z.NEVER
  }
})

export const wholeNumber = z
  .string()
  .regex(/^\d+$/, 'expected a whole number')
  .transform((text) => Number(text))

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/**
 * Checks the options that were given for a source.
 * @throws a usage error that names the option; values of secrets are not shown
 */
export function parseOptions(
  name: string,
  { options, aliases = {} }: SourceDefinition,
  given: readonly GivenOption[],
): Record<string, unknown> {
  const known = Object.keys(options.shape)
  const raw: Record<string, string | string[]> = {}
  for (const [word, value] of given) {
    const option = aliases[word] ?? word
    if (!known.includes(option))
      throw usageError(
        `unknown option of ${name}: ${word}${didYouMean(word, known)}`,
        `retrofill sources ${name} lists them`,
      )
    const before = raw[option]
    raw[option] = before === undefined ? value : [before, value].flat()
  }
  const { data, error } = options.safeParse(raw)
  if (data) return data
  const [{ path, message }] = error.issues
  const option = String(path[0])
  if (raw[option] === undefined) throw usageError(`${name} needs an option: -o ${option}=…`, describe(options, option))
  if (Array.isArray(raw[option]) && message.startsWith('Invalid input'))
    throw usageError(`option given twice: ${option} of ${name} takes one value`)
  throw usageError(`invalid ${option} of ${name}: ${message.replace(/^Invalid/, 'invalid')}`, describe(options, option))
}

const describe = ({ shape }: z.ZodObject, option: string): string | undefined =>
  (shape[option] as z.ZodType | undefined)?.description

/** An option as `retrofill sources` shows it. */
export interface OptionDescription {
  readonly name: string
  readonly description: string
  readonly isRequired: boolean
  readonly default?: string
  /** The values that it takes, where they are some words. */
  readonly values?: readonly string[]
  /** Other names of it. */
  readonly aliases?: readonly string[]
}

interface OptionSchema {
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
}

/** The options of a source, in the order of its definition. */
export function describeOptions({ options, aliases = {} }: SourceDefinition): OptionDescription[] {
  const { properties = {}, required = [] } = z.toJSONSchema(options, { io: 'input' })
  return Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: byDefault, enum: values } = schema as OptionSchema
    const others = Object.keys(aliases).filter((alias) => aliases[alias] === name)
    return {
      name,
      description,
      isRequired: required.includes(name),
      ...(byDefault !== undefined && String(byDefault) !== '' && { default: String(byDefault) }),
      ...(values && { values }),
      ...(others.length > 0 && { aliases: others }),
    }
  })
}
