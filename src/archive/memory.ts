import type { Dictionary, Wanted } from './dictionary.ts'
import type { LearntLine } from './learn.ts'
import { createBodies, createHeads, isTooLarge, type KnownBody, type KnownHead, moveFirst } from './learnt.ts'
import { type CheckIdentity, prefixOf } from './locator.ts'
import { keepBytes, type Matcher } from './matcher.ts'

/** A check, and what its lines look like. */
interface KnownCheck {
  readonly checkType: string
  /** What the locators of its metrics begin with. */
  readonly prefix: string
  /** The bodies that its lines had lately, the last one first. */
  readonly shapes: Shape[]
}

/** A body, and the family that its values are of for one check. */
interface Shape {
  readonly body: KnownBody
  /** -1 where none of the values is wanted. */
  readonly family: number
  /** Where it stands which values are wanted; 0 if all are, or none. */
  readonly mask: number
}

const maxTemplates = 1 << 10
const maxShapes = 8

/** What a matcher has learnt: templates, and checks with the numbers of their families. When it is too much all is forgotten. */
export interface Memory {
  /** `isAtCheck` tells that the line is of the check at which the matcher has stopped. */
  add(line: LearntLine, checkType: string, isAtCheck: boolean): void
  /** Adds the check at which the matcher has stopped. */
  addCheck(): void
  /** Finds what the line at which the matcher has stopped looks like, in the bodies of its check, then in the last ones of the check's type. */
  findShape(): boolean
  /** To be called before each scan: numbers are others once the dictionary is renewed. */
  refresh(): void
}

export function createMemory(matcher: Matcher, dictionary: Dictionary): Memory {
  const heads = createHeads(matcher)
  const bodies = createBodies(matcher)
  let checks: KnownCheck[] = []
  let { families } = dictionary

  const forget = () => {
    matcher.forget()
    heads.clear()
    bodies.clear()
    checks = []
  }
  const putFirst = ({ shapes }: KnownCheck, shape: Shape) => {
    moveFirst(shapes, shape, maxShapes)
    matcher.setShape(shape.body.address, shape.family, shape.mask)
  }
  const addShape = (check: KnownCheck, body: KnownBody, { family = -1, mask }: Wanted) => {
    const kept = mask && family >= 0 ? keepBytes(matcher, mask) : 0
    if (mask && family >= 0 && kept === 0) forget()
    else putFirst(check, { body, family, mask: kept })
  }

  return {
    add({ head, body }, checkType, isAtCheck) {
      if (isTooLarge(head, body)) return
      if (heads.size + bodies.size >= maxTemplates) forget()
      const known = heads.add(head) ? bodies.add(body, checkType) : undefined
      if (!known) return forget()
      const check = isAtCheck ? checks[matcher.check.value] : undefined
      if (check) addShape(check, known, dictionary.find({ prefix: check.prefix, names: known.names }))
    },
    addCheck() {
      if (matcher.addCheck(checks.length) === 0) return forget()
      checks.push(createCheck(heads.at(matcher.head.value), matcher))
    },
    findShape() {
      const check = checks[matcher.check.value]
      const fits = ({ address }: KnownBody) => matcher.matchRest(matcher.rest.value, address) !== 0
      const known = check.shapes.find((shape) => fits(shape.body))
      if (known) putFirst(check, known)
      if (known) return true
      const body = bodies.last(check.checkType).find(fits)
      if (body) addShape(check, body, dictionary.add({ prefix: check.prefix, names: body.names }))
      return body !== undefined
    },
    refresh() {
      if (families === dictionary.families) return
      forget()
      families = dictionary.families
    },
  }
}

/** The check whose keys the matcher has met last. */
function createCheck({ keys, sample }: KnownHead, { memory, keys: { value } }: Matcher): KnownCheck {
  const bytes = Buffer.from(memory.buffer)
  const places = new Uint32Array(memory.buffer, value, 2 * keys.length)
  const textOf = (field: keyof CheckIdentity): string => {
    const key = keys.indexOf(field)
    return key < 0 ? sample[field] : bytes.toString('latin1', places[2 * key], places[2 * key + 1])
  }
  const checkType = textOf('checkType')
  const prefix = prefixOf({
    tenantId: textOf('tenantId'),
    entityId: textOf('entityId'),
    checkId: textOf('checkId'),
    checkType,
    monitoringZoneId: textOf('monitoringZoneId'),
  })
  return { checkType, prefix, shapes: [] }
}
