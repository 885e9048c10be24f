import { allocate } from './arena'

/** A body: how many values it has, u8 kind of each, metrics that are not numeric, template. */
@unmanaged
export class Body {
  count: i32
  notNumeric: i32
  kinds: usize
  template: usize
}

/** Returns where the body lies, or 0 where there is no room. */
export function addBody(template: usize, kinds: usize, count: i32, notNumeric: i32): usize {
  const address = allocate(offsetof<Body>())
  if (address === 0) return 0
  const body = changetype<Body>(address)
  body.count = count
  body.notNumeric = notNumeric
  body.kinds = kinds
  body.template = template
  return address
}

/**
 * A body that lines of a check had, and the family that its values are of: -1 where none is wanted. The mask has a u8 for each value, 1
 * for those that are wanted; it is 0 where all are. Shapes are lists, the one that was met last first: what has such a list extends its
 * first shape, so that this one lies beside what else is looked at of each line. Where a first shape has no body the list is empty.
 */
@unmanaged
export class Shape {
  body: usize
  family: i32
  mask: usize
  next: usize
}

export function clearShapes(first: Shape): void {
  first.body = 0
  first.next = 0
}

/** So many bodies are tried for a line: where none of them fits, the general reader reads it as soon. */
const maxShapes: i32 = 16

/**
 * Puts a body first in a list, where it may be already; of too many the last one goes. Returns whether there was room in the arena, which
 * a body that is in the list does not need.
 */
export function putFirst(first: Shape, body: usize, family: i32, mask: usize): bool {
  const added = body
  let shape = first
  let count = 1
  while (true) {
    const displaced = shape.body
    const itsFamily = shape.family
    const itsMask = shape.mask
    shape.body = body
    shape.family = family
    shape.mask = mask
    if (displaced === added || displaced === 0 || count === maxShapes) return true
    if (shape.next === 0 && !addNext(shape)) return false
    body = displaced
    family = itsFamily
    mask = itsMask
    shape = changetype<Shape>(shape.next)
    count++
  }
}

function addNext(shape: Shape): bool {
  shape.next = allocate(offsetof<Shape>())
  if (shape.next === 0) return false
  clearShapes(changetype<Shape>(shape.next))
  return true
}
