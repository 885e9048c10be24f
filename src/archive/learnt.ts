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
      const template = keepBytes(matcher, programOf(head))
      if (template === 0 || matcher.addHead(template) === 0) return false
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

export interface KnownBody {
  readonly names: readonly string[]
  readonly address: number
}

/** The bodies that a matcher knows, by the type of the check. */
export interface KnownBodies {
  readonly size: number
  /** Adds a body, unless it is known. Undefined where there is no room. */
  add(body: Body, checkType: string): KnownBody | undefined
  /** Those of a type that came last, the very last one first. */
  last(checkType: string): readonly KnownBody[]
  clear(): void
}

/** So many bodies are tried for a line: where none of them fits, the general reader reads it as soon. */
const maxTries = 16

export function createBodies(matcher: Matcher): KnownBodies {
  const known = new Map<string, KnownBody>()
  const last = new Map<string, KnownBody[]>()
  return {
    get size() {
      return known.size
    },
    add(body, checkType) {
      const signature = `${checkType}\0${body.signature}`
      const found = known.get(signature) ?? keepBody(matcher, body)
      if (!found) return undefined
      known.set(signature, found)
      const others = last.get(checkType) ?? []
      moveFirst(others, found, maxTries)
      last.set(checkType, others)
      return found
    },
    last: (checkType) => last.get(checkType) ?? [],
    clear() {
      known.clear()
      last.clear()
    },
  }
}

/** Puts a body where the matcher finds it, unless there is no room. */
function keepBody(matcher: Matcher, body: Body): KnownBody | undefined {
  const { names, kinds, notNumeric } = body
  const template = keepBytes(matcher, programOf(body))
  const kindList = keepBytes(matcher, kinds)
  const address = template && kindList && matcher.addBody(template, kindList, kinds.length, notNumeric)
  return address === 0 ? undefined : { names, address }
}

/** Moves something to the front of a list; what was met longest ago goes where there are too many. */
export function moveFirst<T>(list: T[], item: T, most: number): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  else if (list.length === most) list.pop()
  list.unshift(item)
}

/** What has more values, or a constant of more bytes, a matcher cannot take: see assembly/archive. */
const maxValues = 1 << 12
const maxConstant = 1 << 16

export const isTooLarge = (head: Head, body: Body): boolean =>
  body.kinds.length > maxValues || isTooLong(head) || isTooLong(body)

/** In UTF-8 a character takes up to three bytes for each of its units here. */
const isTooLong = ({ parts }: Template): boolean => parts.some(({ constant }) => 3 * constant.length > maxConstant)
