import type { Dictionary } from './dictionary.ts'
import type { Body, Head, LearntLine } from './learn.ts'
import { type CheckIdentity, prefixOf } from './locator.ts'
import type { MatchState } from './match.ts'

/** A head, and the checks that were met with it, by hash. */
export interface KnownHead {
  readonly head: Head
  readonly checks: Map<number, KnownCheck>
}

/** A check, and what its lines look like. */
export interface KnownCheck {
  readonly checkType: string
  /** What the locators of its metrics begin with. */
  readonly prefix: string
  /** The bytes of its keys, a quote behind each. */
  readonly key: Uint8Array
  readonly shapes: Shape[]
}

/** A body with the ids of its series for one check. */
export interface Shape {
  readonly body: Body
  readonly ids: Int32Array
}

const maxTemplates = 1 << 10
const maxChecks = 1 << 17
const maxShapes = 8

/** What the fast kernel has learnt: templates, and checks with the ids of their series. It forgets when it is too much. */
export interface Memory {
  readonly heads: readonly KnownHead[]
  /** What a line of a check that is not like the one before may look like: first the check's own bodies, then those of its type. */
  candidatesOf(check: KnownCheck): readonly Body[]
  addTemplates(line: LearntLine, checkType: string): void
  /** The check whose keys were matched last. */
  checkOf(known: KnownHead, state: MatchState): KnownCheck
  /** Puts a body in front of the shapes of a check. */
  putFirst(check: KnownCheck, body: Body): void
  /** To be called before each scan: ids are others once the dictionary is renewed. */
  refresh(): void
}

export function createMemory(dictionary: Dictionary): Memory {
  const heads: KnownHead[] = []
  const bodies = new Map<string, Body[]>()
  const signatures = new Set<string>()
  let checkCount = 0
  let { texts } = dictionary

  return {
    heads,
    candidatesOf: ({ shapes, checkType }) => [
      ...shapes.slice(1).map(({ body }) => body),
      ...(bodies.get(checkType) ?? []),
    ],

    addTemplates({ head, body }, checkType) {
      if (signatures.size >= maxTemplates) {
        heads.length = 0
        bodies.clear()
        signatures.clear()
        checkCount = 0
      }
      if (isNew(signatures, head.signature)) heads.push({ head, checks: new Map() })
      if (isNew(signatures, `${checkType}\0${body.signature}`)) {
        bodies.set(checkType, [body, ...(bodies.get(checkType) ?? [])])
      }
    },

    checkOf({ head, checks }, state) {
      const hash = hashKeys(state, head.keys.length)
      const known = checks.get(hash)
      if (known && hasKeys(known, state, head.keys.length)) return known
      const check = createCheck(head, state)
      checks.set(hash, check)
      checkCount++
      return check
    },

    putFirst({ prefix, shapes }, body) {
      const at = shapes.findIndex((shape) => shape.body === body)
      const [known] = at < 0 ? [] : shapes.splice(at, 1)
      if (shapes.length === maxShapes) shapes.pop()
      shapes.unshift(known ?? { body, ids: dictionary.idsOf(prefix, body.names) })
    },

    refresh() {
      if (texts === dictionary.texts && checkCount <= maxChecks) return
      for (const { checks } of heads) checks.clear()
      checkCount = 0
      texts = dictionary.texts
    },
  }
}

function isNew(signatures: Set<string>, signature: string): boolean {
  const { size } = signatures
  return signatures.add(signature).size > size
}

function hashKeys({ bytes, keys }: MatchState, count: number): number {
  let hash = 0
  for (let key = 0; key < count; key++) {
    const end = keys[2 * key + 1]
    // The quote behind a key is hashed, too: it keeps the keys apart.
    for (let at = keys[2 * key]; at <= end; at++) hash = (Math.imul(hash, 31) + bytes[at]) | 0
  }
  return hash
}

function hasKeys({ key: expected }: KnownCheck, { bytes, keys }: MatchState, count: number): boolean {
  let i = 0
  for (let key = 0; key < count; key++) {
    const end = keys[2 * key + 1]
    if (i + end - keys[2 * key] >= expected.length) return false
    for (let at = keys[2 * key]; at <= end; at++) if (bytes[at] !== expected[i++]) return false
  }
  return i === expected.length
}

function createCheck({ keys, sample }: Head, state: MatchState): KnownCheck {
  const textOf = (field: keyof CheckIdentity): string => {
    const key = keys.indexOf(field)
    return key < 0 ? sample[field] : state.bytes.toString('latin1', state.keys[2 * key], state.keys[2 * key + 1])
  }
  const checkType = textOf('checkType')
  const prefix = prefixOf({
    tenantId: textOf('tenantId'),
    entityId: textOf('entityId'),
    checkId: textOf('checkId'),
    checkType,
    monitoringZoneId: textOf('monitoringZoneId'),
  })
  return { checkType, prefix, key: copyKeys(state, keys.length), shapes: [] }
}

function copyKeys({ bytes, keys }: MatchState, count: number): Uint8Array {
  let size = count
  for (let key = 0; key < count; key++) size += keys[2 * key + 1] - keys[2 * key]
  const copy = new Uint8Array(size)
  let i = 0
  for (let key = 0; key < count; key++) {
    for (let at = keys[2 * key]; at <= keys[2 * key + 1]; at++) copy[i++] = bytes[at]
  }
  return copy
}
