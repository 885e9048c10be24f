import type { Dictionary } from './dictionary.ts'
import type { Body, Head, LearntLine } from './learn.ts'
import { type CheckIdentity, prefixOf } from './locator.ts'
import { keepBytes, type Matcher } from './matcher.ts'
import { programOf } from './template.ts'

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

interface KnownBody extends Body {
  readonly address: number
}

const maxTemplates = 1 << 10
const maxShapes = 8
/** What has more values is left to the general reader. */
const maxValues = 4096

/** What a matcher has learnt: templates, and checks with the numbers of their families. When it is too much all is forgotten. */
export interface Memory {
  add(line: LearntLine, checkType: string): void
  /** Adds the check at which the matcher has stopped. */
  addCheck(): void
  /** Finds what the line at which the matcher has stopped looks like, in the bodies of its check, then in those of the check's type. */
  findShape(): boolean
  /** To be called before each scan: numbers are others once the dictionary is renewed. */
  refresh(): void
}

export function createMemory(matcher: Matcher, dictionary: Dictionary): Memory {
  let heads: Head[] = []
  let bodies = new Map<string, KnownBody[]>()
  let checks: KnownCheck[] = []
  let signatures = new Set<string>()
  let { families } = dictionary

  const forget = () => {
    matcher.forget()
    heads = []
    bodies = new Map()
    checks = []
    signatures = new Set()
  }
  const addHead = (head: Head) => {
    if (keepHead(matcher, head)) heads.push(head)
    else forget()
  }
  const addBody = (body: Body, checkType: string) => {
    const address = keepBody(matcher, body)
    if (address === 0) return forget()
    bodies.set(checkType, [{ ...body, address }, ...(bodies.get(checkType) ?? [])])
  }
  const putFirst = ({ shapes }: KnownCheck, shape: Shape) => {
    moveFirst(shapes, shape)
    matcher.setShape(shape.body.address, shape.family, shape.mask)
  }

  return {
    add({ head, body }, checkType) {
      if (body.kinds.length > maxValues) return
      if (signatures.size >= maxTemplates) forget()
      if (isNew(signatures, head.signature)) addHead(head)
      if (isNew(signatures, `${checkType}\0${body.signature}`)) addBody(body, checkType)
    },
    addCheck() {
      if (matcher.addCheck(checks.length) === 0) return forget()
      checks.push(createCheck(heads[matcher.head.value], matcher))
    },
    findShape() {
      const check = checks[matcher.check.value]
      const fits = ({ address }: KnownBody) => matcher.matchRest(matcher.rest.value, address) !== 0
      const known = check.shapes.find((shape) => fits(shape.body))
      const body = known?.body ?? bodies.get(check.checkType)?.find(fits)
      if (known) putFirst(check, known)
      if (known || !body) return known !== undefined
      const { family = -1, mask } = dictionary.add({ prefix: check.prefix, names: body.names })
      const kept = mask && family >= 0 ? keepBytes(matcher, mask) : 0
      if (mask && family >= 0 && kept === 0) forget()
      else putFirst(check, { body, family, mask: kept })
      return true
    },
    refresh() {
      if (families === dictionary.families) return
      forget()
      families = dictionary.families
    },
  }
}

/** Puts a head where the matcher finds it. Returns whether there was room. */
function keepHead(matcher: Matcher, head: Head): boolean {
  const template = keepBytes(matcher, programOf(head))
  return template !== 0 && matcher.addHead(template) !== 0
}

/** Puts a body where the matcher finds it. Returns its address, or 0 where there is no room. */
function keepBody(matcher: Matcher, body: Body): number {
  const template = keepBytes(matcher, programOf(body))
  const kinds = keepBytes(matcher, body.kinds)
  return template && kinds && matcher.addBody(template, kinds, body.kinds.length, body.notNumeric)
}

/** Moves a shape to the front; the one that was met longest ago goes where there are too many. */
function moveFirst(shapes: Shape[], shape: Shape): void {
  const at = shapes.indexOf(shape)
  if (at >= 0) shapes.splice(at, 1)
  else if (shapes.length === maxShapes) shapes.pop()
  shapes.unshift(shape)
}

function isNew(signatures: Set<string>, signature: string): boolean {
  const { size } = signatures
  return signatures.add(signature).size > size
}

/** The check whose keys the matcher has met last. */
function createCheck({ keys, sample }: Head, { memory, keys: { value } }: Matcher): KnownCheck {
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
