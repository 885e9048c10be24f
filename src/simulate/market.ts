import { usageError } from '../util/errors.ts'

/** Where an instance is bought: a type, in a zone or anywhere. */
export interface Market {
  readonly type: string
  readonly zone: string | undefined
}

const typeName = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/
const zoneName = /^[a-z]{2}(-[a-z]+)+-\d+(-[a-z]{3}-\d+)?[a-z]$/
const marketText = /^<?\s*([^\s<>,]+)\s*,\s*([^\s<>,]+)\s*>?$/

/** `<c3.8xlarge, us-west-2a>`; without a zone `<c3.8xlarge, None>`, as in the original. */
export const formatMarket = ({ type, zone }: Market): string => `<${type}, ${zone ?? 'None'}>`

/** Reads `<type, zone>`, with or without the brackets and the blank. `where` tells in errors where the text stands. */
export function parseMarket(text: string, where: string): Market {
  const match = marketText.exec(text.trim())
  if (!match) throw usageError(`invalid market: expected <type, zone>, got ${JSON.stringify(text)} in ${where}`)
  return marketOf(match[1], match[2], where)
}

/** A market of a type and a zone as a file spells them. */
export function marketOf(type: string, zone: string, where: string): Market {
  if (!typeName.test(type))
    throw usageError(
      `invalid instance type: expected a name such as c3.8xlarge, got ${JSON.stringify(type)} in ${where}`,
    )
  if (zone === 'None') return { type, zone: undefined }
  if (!zoneName.test(zone))
    throw usageError(`invalid zone: expected a name such as us-west-2a, got ${JSON.stringify(zone)} in ${where}`)
  return { type, zone }
}
