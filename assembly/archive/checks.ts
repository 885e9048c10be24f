import { allocate } from './arena'
import { clearShapes, putFirst, Shape } from './shapes'
import { keyCount, keySize, keyStart } from './template'
import { addToHash, isSame } from './text'

/** A check, and what its lines looked like. Its keys, a quote behind each, follow the record. */
@unmanaged
export class Check extends Shape {
  hash: u32
  head: i32
  keysSize: usize
}

/** Checks in an open hash table of addresses. */
const maxChecks: i32 = 1 << 17
const tableMask: u32 = (1 << 18) - 1
const table: usize = heap.alloc(1 << 20)
let checkCount: i32 = 0
/** Where the check that was looked for last is, or belongs. */
let slot: usize = table
let hash: u32 = 0

export function forgetChecks(): void {
  checkCount = 0
  memory.fill(table, 0, 1 << 20)
}

/** The check of a head whose keys were matched last; added where it is not known. 0 where there is no room for it. */
export function checkOf(head: i32): usize {
  let mixed: u64 = head
  for (let i = 0; i < keyCount; i++) mixed = addToHash(mixed, keyStart(i), keySize(i))
  hash = <u32>mixed
  let i = hash & tableMask
  while (true) {
    slot = table + (i << 2)
    const address = <usize>load<u32>(slot)
    if (address === 0) return addCheck(head)
    if (isCheck(changetype<Check>(address), head)) return address
    i = (i + 1) & tableMask
  }
}

function isCheck(known: Check, head: i32): bool {
  if (known.hash !== hash || known.head !== head) return false
  let at = changetype<usize>(known) + offsetof<Check>()
  const end = at + known.keysSize
  for (let i = 0; i < keyCount; i++) {
    const size = keySize(i)
    if (at + size > end || !isSame(at, keyStart(i), size)) return false
    at += size
  }
  return at === end
}

function addCheck(head: i32): usize {
  if (checkCount === maxChecks) return 0
  let size: usize = 0
  for (let i = 0; i < keyCount; i++) size += keySize(i)
  const address = allocate(offsetof<Check>() + size)
  if (address === 0) return 0
  const added = changetype<Check>(address)
  clearShapes(added)
  added.hash = hash
  added.head = head
  added.keysSize = size
  let to = address + offsetof<Check>()
  for (let i = 0; i < keyCount; i++) {
    memory.copy(to, keyStart(i), keySize(i))
    to += keySize(i)
  }
  store<u32>(slot, <u32>address)
  checkCount++
  return address
}

/** Tells that a line of the check that was met last had a body, and the family of its values. Returns whether there was room. */
export function putShape(body: usize, family: i32, mask: usize): bool {
  return putFirst(changetype<Check>(<usize>load<u32>(slot)), body, family, mask)
}
