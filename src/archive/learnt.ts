import type { Body, Head } from './learn.ts'
import { keepBytes, type Matcher } from './matcher.ts'
import { programOf, type Template } from './template.ts'

export type KnownHead = Pick<Head, 'keys' | 'sample'>

/** The heads that a matcher knows. */
export interface KnownHeads {
  readonly size: number
  /** By the number that the matcher gives it. */
  at(number: number): KnownHead
  /** Adds a head, unless it is known. Returns whether there was room. */
  add(head: Head): boolean
  clear(): void
}

export function createHeads(matcher: Matcher): KnownHeads {
  const signatures = new Set<string>()
  const heads: KnownHead[] = []
  return {
    get size() {
      return heads.length
    },
    at: (number) => heads[number],
    add(head) {
      if (signatures.has(head.signature)) return true
      if (!keepHead(matcher, head)) return false
      signatures.add(head.signature)
      heads.push({ keys: head.keys, sample: head.sample })
      return true
    },
    clear() {
      signatures.clear()
      heads.length = 0
    },
  }
}

/** Returns whether there was room. */
function keepHead(matcher: Matcher, head: Head): boolean {
  const type = Buffer.from(head.sample.checkType)
  const typeText = keepBytes(matcher, type)
  const template = typeText && keepBytes(matcher, programOf(head))
  return template !== 0 && matcher.addHead(template, head.keys.indexOf('checkType'), typeText, type.length) !== 0
}

export interface KnownBody {
  readonly names: readonly string[]
  readonly address: number
}

/** The bodies that a matcher knows. */
export interface KnownBodies {
  readonly size: number
  /** The one that the matcher has there. */
  at(address: number): KnownBody
  /** Adds a body, unless it is known, and tells that a line of a type of checks has it. Undefined where there is no room. */
  add(body: Body, checkType: string): KnownBody | undefined
  clear(): void
}

export function createBodies(matcher: Matcher): KnownBodies {
  const known = new Map<string, KnownBody>()
  const byAddress = new Map<number, KnownBody>()
  const types = new Map<string, number>()
  const typeOf = (text: string): number => {
    const type = types.get(text) ?? keepType(matcher, text)
    types.set(text, type)
    return type
  }
  return {
    get size() {
      return known.size
    },
    at: (address) => byAddress.get(address) as KnownBody,
    add(body, checkType) {
      const signature = `${checkType}\0${body.signature}`
      const found = known.get(signature) ?? keepBody(matcher, body)
      const type = typeOf(checkType)
      if (!found || type === 0 || matcher.putBody(type, found.address) === 0) return undefined
      known.set(signature, found)
      byAddress.set(found.address, found)
      return found
    },
    clear() {
      known.clear()
      byAddress.clear()
      types.clear()
    },
  }
}

/** Returns where the type lies, or 0 where there is no room. */
function keepType(matcher: Matcher, text: string): number {
  const bytes = Buffer.from(text)
  const address = keepBytes(matcher, bytes)
  return address && matcher.addType(address, bytes.length)
}

/** Puts a body where the matcher finds it, unless there is no room. */
function keepBody(matcher: Matcher, body: Body): KnownBody | undefined {
  const { names, kinds, notNumeric } = body
  const template = keepBytes(matcher, programOf(body))
  const kindList = keepBytes(matcher, kinds)
  const address = template && kindList && matcher.addBody(template, kindList, kinds.length, notNumeric)
  return address === 0 ? undefined : { names, address }
}

/** What has more values, or a constant of more bytes, a matcher cannot take: see assembly/archive. */
const maxValues = 1 << 12
const maxConstant = 1 << 16

export const isTooLarge = (head: Head, body: Body): boolean =>
  body.kinds.length > maxValues || isTooLong(head) || isTooLong(body)

/** In UTF-8 a character takes up to three bytes for each of its units here. */
const isTooLong = ({ parts }: Template): boolean => parts.some(({ constant }) => 3 * constant.length > maxConstant)
