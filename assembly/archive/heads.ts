import { allocate } from './arena'
import { keyStart, keyTextSize, matchTemplate } from './template'

/** The head that matched last. */
export let head: i32 = 0

/** A template; which of its keys is the check's type, or -1; and the type's text where it is no key. */
@unmanaged
class Head {
  template: usize
  typeKey: i32
  type: usize
  typeSize: usize
}

const maxHeads: i32 = 1 << 7
const heads: usize = heap.alloc(maxHeads << 2)
let headCount: i32 = 0

export function forgetHeads(): void {
  headCount = 0
}

/** Adds a head. Returns whether there was room. */
export function addHead(template: usize, typeKey: i32, type: usize, typeSize: usize): bool {
  const address = headCount < maxHeads ? allocate(offsetof<Head>()) : 0
  if (address === 0) return false
  const added = changetype<Head>(address)
  added.template = template
  added.typeKey = typeKey
  added.type = type
  added.typeSize = typeSize
  store<u32>(heads + (headCount++ << 2), <u32>address)
  return true
}

function headAt(i: i32): Head {
  return changetype<Head>(<usize>load<u32>(heads + (i << 2)))
}

/** Tries the heads, the one that matched last first. Returns where it ends, or 0. */
export function matchHead(start: usize): usize {
  if (headCount === 0) return 0
  if (head >= headCount) head = 0
  const last = head
  const found = matchTemplate(start, headAt(last).template)
  if (found !== 0) return found
  for (let i = 0; i < headCount; i++) {
    if (i === last) continue
    const end = matchTemplate(start, headAt(i).template)
    if (end === 0) continue
    head = i
    return end
  }
  return 0
}

/** The text of the type of the check that was matched last, and its size. */
export function typeText(): usize {
  const known = headAt(head)
  return known.typeKey < 0 ? known.type : keyStart(known.typeKey)
}

export function typeTextSize(): usize {
  const known = headAt(head)
  return known.typeKey < 0 ? known.typeSize : keyTextSize(known.typeKey)
}
