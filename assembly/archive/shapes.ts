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
 * for those that are wanted; it is 0 where all are. Shapes are lists, the one that was met last first; where that has no body there is none.
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

const fresh = changetype<Shape>(memory.data(offsetof<Shape>()))

/** A shape to be put somewhere. */
export function shapeOf(body: usize, family: i32, mask: usize): Shape {
  fresh.body = body
  fresh.family = family
  fresh.mask = mask
  return fresh
}

/** Puts a body first in a list of up to `most`, where it may be already; the last one goes. Returns whether there was room in the arena. */
export function putFirst(first: Shape, put: Shape, most: i32): bool {
  const wanted = put.body
  let body = wanted
  let family = put.family
  let mask = put.mask
  let shape = first
  let count = 1
  while (true) {
    const displaced = shape.body
    const itsFamily = shape.family
    const itsMask = shape.mask
    shape.body = body
    shape.family = family
    shape.mask = mask
    if (displaced === wanted || displaced === 0 || count === most) return true
    body = displaced
    family = itsFamily
    mask = itsMask
    if (shape.next === 0 && !addNext(shape)) return false
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
