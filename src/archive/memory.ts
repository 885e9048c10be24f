import type { Dictionary, Wanted } from './dictionary.ts'
import type { LearntLine } from './learn.ts'
import { createBodies, createHeads, isTooLarge, type KnownHead } from './learnt.ts'
import { type CheckIdentity, prefixOf } from './locator.ts'
import { keepBytes, type Matcher } from './matcher.ts'

const maxTemplates = 1 << 10

/** What a matcher has learnt: templates, and the numbers of the families of checks. When it is too much all is forgotten. */
export interface Memory {
  /** `isAtCheck` tells that the line is of the check at which the matcher has stopped. */
  add(line: LearntLine, checkType: string, isAtCheck: boolean): void
  /** Tells of which family the values of the line are at which the matcher has stopped. */
  addFamily(): void
  forget(): void
  /** To be called before each scan: numbers are others once the dictionary is renewed. */
  refresh(): void
}

export function createMemory(matcher: Matcher, dictionary: Dictionary): Memory {
  const heads = createHeads(matcher)
  const bodies = createBodies(matcher)
  const readPrefix = prefixReader(matcher)
  let { families } = dictionary

  const forget = () => {
    matcher.forget()
    heads.clear()
    bodies.clear()
  }
  const prefix = () => readPrefix(heads.at(matcher.head.value))
  const putShape = (body: number, { family = -1, mask }: Wanted) => {
    const kept = mask && family >= 0 ? keepBytes(matcher, mask) : undefined
    if (kept === 0 || matcher.putShape(body, family, kept ?? 0) === 0) forget()
  }

  return {
    add({ head, body }, checkType, isAtCheck) {
      if (isTooLarge(head, body)) return
      const isFull = heads.size + bodies.size >= maxTemplates
      if (isFull) forget()
      const known = heads.add(head) ? bodies.add(body, checkType) : undefined
      if (!known) forget()
      else if (isAtCheck && !isFull) putShape(known.address, dictionary.find({ prefix: prefix(), names: known.names }))
    },
    addFamily() {
      const { names, address } = bodies.at(matcher.body.value)
      putShape(address, dictionary.add({ prefix: prefix(), names }))
    },
    forget,
    refresh() {
      if (families === dictionary.families) return
      forget()
      families = dictionary.families
    },
  }
}

/** Reads what the locators begin with of the check whose keys the matcher has met last, which are those of a head. */
function prefixReader({ memory, keys: { value } }: Matcher): (head: KnownHead) => string {
  let bytes = Buffer.from(memory.buffer)
  return ({ keys, sample }) => {
    // The memory is another buffer once it has grown.
    if (bytes.buffer !== memory.buffer) bytes = Buffer.from(memory.buffer)
    const identity: Record<keyof CheckIdentity, string> = { ...sample }
    for (let i = 0; i < keys.length; i++) {
      const place = value + 8 * i
      identity[keys[i]] = bytes.toString('latin1', bytes.readUInt32LE(place), bytes.readUInt32LE(place + 4))
    }
    return prefixOf(identity)
  }
}
