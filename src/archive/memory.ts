import type { Dictionary, Wanted } from './dictionary.ts'
import type { Body, Head, LearntLine } from './learn.ts'
import { type CheckIdentity, prefixOf } from './locator.ts'
import { keepBytes, type Matcher } from './matcher.ts'
import { programOf, type Template } from './template.ts'

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

type KnownHead = Pick<Head, 'keys' | 'sample'>

interface KnownBody {
  readonly names: readonly string[]
  readonly address: number
}

const maxTemplates = 1 << 10
const maxShapes = 8
/** So many bodies of its type are tried for a line, those that came last: what fits none is as soon read by the general reader. */
const maxTries = 16
/** What has more values, or a constant of more bytes, is left to the general reader: see assembly/archive. */
const maxValues = 1 << 12
const maxConstant = 1 << 16

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
  let heads: KnownHead[] = []
  let headSignatures = new Set<string>()
  let bodies = new Map<string, KnownBody>()
  /** By type of check, the one that came last first. */
  let lastBodies = new Map<string, KnownBody[]>()
  let checks: KnownCheck[] = []
  let { families } = dictionary

  const forget = () => {
    matcher.forget()
    heads = []
    headSignatures = new Set()
    bodies = new Map()
    lastBodies = new Map()
    checks = []
  }
  const addHead = (head: Head) => {
    if (headSignatures.has(head.signature)) return
    if (!keepHead(matcher, head)) return forget()
    headSignatures.add(head.signature)
    heads.push({ keys: head.keys, sample: head.sample })
  }
  const addBody = (body: Body, checkType: string): KnownBody | undefined => {
    const signature = `${checkType}\0${body.signature}`
    const known = bodies.get(signature) ?? keepBody(matcher, body)
    if (!known) return undefined
    const last = lastBodies.get(checkType) ?? []
    moveFirst(last, known, maxTries)
    lastBodies.set(checkType, last)
    bodies.set(signature, known)
    return known
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
      if (body.kinds.length > maxValues || isTooLong(head) || isTooLong(body)) return
      if (headSignatures.size + bodies.size >= maxTemplates) forget()
      addHead(head)
      const known = addBody(body, checkType)
      if (!known) return forget()
      const check = isAtCheck ? checks[matcher.check.value] : undefined
      if (check) addShape(check, known, dictionary.find({ prefix: check.prefix, names: known.names }))
    },
    addCheck() {
      if (matcher.addCheck(checks.length) === 0) return forget()
      checks.push(createCheck(heads[matcher.head.value], matcher))
    },
    findShape() {
      const check = checks[matcher.check.value]
      const fits = ({ address }: KnownBody) => matcher.matchRest(matcher.rest.value, address) !== 0
      const known = check.shapes.find((shape) => fits(shape.body))
      if (known) putFirst(check, known)
      if (known) return true
      const body = lastBodies.get(check.checkType)?.find(fits)
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

/** In UTF-8 a character takes up to three bytes for each of its units here. */
const isTooLong = ({ parts }: Template): boolean => parts.some(({ constant }) => 3 * constant.length > maxConstant)

/** Puts a head where the matcher finds it. Returns whether there was room. */
function keepHead(matcher: Matcher, head: Head): boolean {
  const template = keepBytes(matcher, programOf(head))
  return template !== 0 && matcher.addHead(template) !== 0
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
function moveFirst<T>(list: T[], item: T, most: number): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  else if (list.length === most) list.pop()
  list.unshift(item)
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
