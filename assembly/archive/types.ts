import { allocate } from './arena'
import { clearShapes, putFirst, Shape } from './shapes'
import { isSame } from './text'

/** A type of checks: its text, and the bodies that lines of its checks had, as shapes whose families are not told. */
@unmanaged
class Type extends Shape {
  text: usize
  size: usize
  nextType: usize
}

/** A list. */
let types: usize = 0

export function forgetTypes(): void {
  types = 0
}

/** Adds a type, given its text. Returns where it lies, or 0 where there is no room. */
export function addType(text: usize, size: usize): usize {
  const address = allocate(offsetof<Type>())
  if (address === 0) return 0
  const type = changetype<Type>(address)
  clearShapes(type)
  type.text = text
  type.size = size
  type.nextType = types
  types = address
  return address
}

/** Tells that a line of some check of the type had a body. Returns whether there was room. */
export function putBody(type: usize, body: usize): bool {
  return putFirst(changetype<Type>(type), body, -1, 0)
}

/** The first shape of a type, or 0. */
export function bodiesOf(text: usize, size: usize): usize {
  for (let address = types; address !== 0; ) {
    const type = changetype<Type>(address)
    if (type.size === size && isSame(type.text, text, size)) return address
    address = type.nextType
  }
  return 0
}
