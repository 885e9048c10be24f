// The kernel that knows no JSON: it compares whole lines with templates which JavaScript has made of lines that it has read, and writes
// the values of those that match. It stops wherever it needs to be told something. ARCHITECTURE.md has the picture.

import { preparePowers } from './number'
import { inexact, inexactCount, keyCount, keys, matchTemplate, values } from './template'
import { addToHash, isSame } from './text'

export { keyCount, keys }

/** Why {@link scan} stopped. */
const windowEnds: i32 = 0
const roomEnds: i32 = 1
const lineUnknown: i32 = 2
const checkUnknown: i32 = 3
const shapeUnknown: i32 = 4
export let stop: i32 = windowEnds

/** The head of the line at which it stopped, and where that head ends. */
export let head: i32 = 0
export let rest: usize = 0
/** The check of that line: the number that JavaScript gave it. */
export let check: i32 = 0

/** What has been added since {@link restart}: lines with points, all lines, points. */
export let length: i32 = 0
export let lines: i32 = 0
export let points: i32 = 0
export let metrics: i32 = 0
export let notNumeric: i32 = 0
export let outOfShard: i32 = 0
export let repairs: i32 = 0
let firstLine: i32 = 0
let firstValue: i32 = 0

/** Lines are written to these columns; `firsts` has where the values of each start. */
const lineRoom: i32 = 1 << 13
export const families: usize = heap.alloc(lineRoom << 2)
export const times: usize = heap.alloc(lineRoom << 3)
export const lineNumbers: usize = heap.alloc(lineRoom << 2)
export const firsts: usize = heap.alloc(lineRoom << 2)
/** Their values, one behind another. */
const valueRoom: i32 = 1 << 14
export const doubles: usize = heap.alloc(valueRoom << 3)
export const kinds: usize = heap.alloc(valueRoom)
/** Values that JavaScript is to parse: pairs of u32, the place of the value and where its text starts. */
const repairRoom: i32 = 1 << 14
export const repairList: usize = heap.alloc(repairRoom << 3)

/** What has been learnt lies in an arena that is emptied as a whole: blocks that are made when they are needed. */
const blockSize: usize = 4 << 20
const maxBlocks: i32 = 8
const blocks: usize = memory.data(32)
let blockCount: i32 = 0
/** The block that is being filled, what is free of it and where it ends. */
let block: i32 = -1
let free: usize = 0
let blockEnd: usize = 0
const maxHeads: i32 = 1 << 7
const heads: usize = heap.alloc(maxHeads << 2)
let headCount: i32 = 0
/** Checks in an open hash table of addresses. */
const maxChecks: i32 = 1 << 17
const tableMask: u32 = (1 << 18) - 1
const table: usize = heap.alloc(1 << 20)
let checkCount: i32 = 0
/** Where the check that was looked for last is, or belongs. */
let slot: usize = 0
let hash: u32 = 0

preparePowers()

/** Forgets everything. */
export function forget(): void {
  block = -1
  free = 0
  blockEnd = 0
  headCount = 0
  checkCount = 0
  memory.fill(table, 0, 1 << 20)
}

/** Room in the arena for what JavaScript writes; 0 where there is none left. */
export function allocate(size: usize): usize {
  // What is compared is read up to 16 bytes beyond its end.
  const needed = ((size + 15) & ~15) + 16
  if (needed > blockSize) return 0
  if (free + needed > blockEnd && !openBlock()) return 0
  const start = free
  free += needed - 16
  return start
}

/** Goes on in the next block. Returns whether there is one. */
function openBlock(): bool {
  if (block + 1 === maxBlocks) return false
  block++
  if (block === blockCount) store<u32>(blocks + (blockCount++ << 2), <u32>heap.alloc(blockSize))
  free = <usize>load<u32>(blocks + (block << 2))
  blockEnd = free + blockSize
  return true
}

/** Adds a head, given its template. Returns whether there was room. */
export function addHead(template: usize): bool {
  if (headCount === maxHeads) return false
  store<u32>(heads + (headCount++ << 2), <u32>template)
  return true
}

/** A body: how many values it has, u8 kind of each, metrics that are not numeric, template. */
class Body {
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
 * A check: its keys, a quote behind each, follow the record. The body is the shape of its last line, the family that of its values: -1
 * where none is wanted. The mask has a u8 for each value, 1 for those that are wanted; it is 0 where all are.
 */
class Check {
  hash: u32
  head: i32
  number: i32
  keysSize: usize
  body: usize
  family: i32
  mask: usize
}

/** Adds the check that was found unknown. Returns whether there was room. */
export function addCheck(number: i32): bool {
  if (checkCount === maxChecks) return false
  let size: usize = 0
  for (let i = 0; i < keyCount; i++) size += keySize(i)
  const address = allocate(offsetof<Check>() + size)
  if (address === 0) return false
  const added = changetype<Check>(address)
  added.hash = hash
  added.head = head
  added.number = number
  added.keysSize = size
  added.body = 0
  let to = address + offsetof<Check>()
  for (let i = 0; i < keyCount; i++) {
    memory.copy(to, keyStart(i), keySize(i))
    to += keySize(i)
  }
  store<u32>(slot, <u32>address)
  checkCount++
  return true
}

/** Tells what the lines of the check that was met last look like: a body, and the family of its values. */
export function setShape(body: usize, family: i32, mask: usize): void {
  const known = changetype<Check>(<usize>load<u32>(slot))
  known.body = body
  known.family = family
  known.mask = mask
}

/** The longest constant that a template may have: as much is read behind the end of a window. */
const maxConstant: usize = 1 << 16
/** Room for a window of `size` bytes and what may be read behind it. */
let windowSize: usize = 0
let window: usize = 0
export function windowAt(size: usize): usize {
  if (size > windowSize) {
    windowSize = max(size, 2 * windowSize)
    window = heap.alloc(windowSize + maxConstant + 32)
  }
  return window
}

/** Starts the columns and counts anew, behind line `line` and so many values. */
export function restart(line: i32, values: i32): void {
  firstLine = line
  firstValue = values
  length = 0
  lines = 0
  points = 0
  metrics = 0
  notNumeric = 0
  outOfShard = 0
  repairs = 0
}

/** Adds lines of the window `[start, end)`, which ends with a line end, until it stops or has `limit` points. Returns where. */
export function scan(start: usize, end: usize, limit: i32, maxLine: usize): usize {
  let at = start
  stop = windowEnds
  while (at < end) {
    if (points >= limit) {
      stop = roomEnds
      break
    }
    const next = scanLine(at, maxLine)
    if (next === 0) break
    at = next
  }
  return at
}

/** Adds the line at `start`. Returns where the next one starts, or 0 where it stops. */
function scanLine(start: usize, maxLine: usize): usize {
  stop = lineUnknown
  const afterHead = matchHead(start)
  if (afterHead === 0) return 0
  const time = load<f64>(values)
  if (abs(time) > 8.64e15) return 0
  rest = afterHead
  const address = findCheck()
  stop = checkUnknown
  if (address === 0) return 0
  const known = changetype<Check>(address)
  check = known.number
  stop = shapeUnknown
  if (known.body === 0) return 0
  const next = matchRest(afterHead, known.body)
  if (next === 0) return 0
  stop = lineUnknown
  if (next - 1 - start > maxLine) return 0
  stop = roomEnds
  const body = changetype<Body>(known.body)
  const isRoom = length < lineRoom && points + body.count <= valueRoom && repairs + inexactCount <= repairRoom
  if (!isRoom) return 0
  addLine(body, known, time + 0)
  stop = windowEnds
  return next
}

/** Tries the heads, the one that matched last first. Returns where it ends, or 0. */
function matchHead(start: usize): usize {
  if (headCount === 0) return 0
  if (head >= headCount) head = 0
  const last = head
  const found = matchTemplate(start, <usize>load<u32>(heads + (last << 2)))
  if (found !== 0) return found
  for (let i = 0; i < headCount; i++) {
    if (i === last) continue
    const end = matchTemplate(start, <usize>load<u32>(heads + (i << 2)))
    if (end === 0) continue
    head = i
    return end
  }
  return 0
}

/** Matches what follows a head with a body. Returns where the next line starts, or 0. */
export function matchRest(start: usize, body: usize): usize {
  const end = matchTemplate(start, changetype<Body>(body).template)
  if (end === 0) return 0
  if (load<u8>(end) === 0x0a) return end + 1
  return load<u16>(end) === 0x0a0d ? end + 2 : 0
}

function keyStart(i: i32): usize {
  return <usize>load<u32>(keys + (i << 3))
}

/** The size of a key with the quote behind it, which keeps keys apart. */
function keySize(i: i32): usize {
  return <usize>load<u32>(keys + (i << 3), 4) - keyStart(i) + 1
}

/** The check whose keys were matched last, or 0. */
function findCheck(): usize {
  let mixed: u64 = head
  for (let i = 0; i < keyCount; i++) mixed = addToHash(mixed, keyStart(i), keySize(i))
  hash = <u32>mixed
  let i = hash & tableMask
  while (true) {
    slot = table + (i << 2)
    const address = <usize>load<u32>(slot)
    if (address === 0 || isCheck(changetype<Check>(address))) return address
    i = (i + 1) & tableMask
  }
}

function isCheck(known: Check): bool {
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

function addLine(body: Body, known: Check, time: f64): void {
  const before = points
  lines++
  if (known.family >= 0) {
    store<u32>(families + (length << 2), known.family)
    store<f64>(times + (length << 3), time)
    store<u32>(lineNumbers + (length << 2), firstLine + lines)
    store<u32>(firsts + (length << 2), firstValue + before)
    length++
    if (known.mask === 0) addAll(body)
    else addWanted(body, known.mask)
  }
  metrics += body.count + body.notNumeric
  notNumeric += body.notNumeric
  outOfShard += body.count - (points - before)
}

function addAll(body: Body): void {
  memory.copy(doubles + (points << 3), values, (<usize>body.count) << 3)
  memory.copy(kinds + points, body.kinds, body.count)
  for (let i = 0; i < inexactCount; i++) {
    const value = inexact + (i << 3)
    addRepair(points + <i32>load<u32>(value), value)
  }
  points += body.count
}

function addWanted(body: Body, mask: usize): void {
  let next = inexact
  const end = inexact + (inexactCount << 3)
  for (let i = 0; i < body.count; i++) {
    const isInexact = next < end && load<u32>(next) === i
    if (isInexact) next += 8
    if (load<u8>(mask + i) === 0) continue
    if (isInexact) addRepair(points, next - 8)
    store<f64>(doubles + (points << 3), load<f64>(values + (i << 3)))
    store<u8>(kinds + points, load<u8>(body.kinds + i))
    points++
  }
}

/** Asks for the value at a place, given what was matched of it. */
function addRepair(place: i32, value: usize): void {
  const repair = repairList + (repairs++ << 3)
  store<u32>(repair, place)
  store<u32>(repair, load<u32>(value, 4), 4)
}
