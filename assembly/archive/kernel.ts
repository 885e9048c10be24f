// The kernel that knows no JSON: it compares whole lines with templates which JavaScript has made of lines that it has read, and writes
// the values of those that match. It stops wherever it needs to be told something. ARCHITECTURE.md has the picture.

import { emptyArena } from './arena'
import { Check, checkOf, forgetChecks } from './checks'
import { forgetHeads, head, matchHead, typeText, typeTextSize } from './heads'
import { preparePowers } from './number'
import { Body, putFirst, Shape } from './shapes'
import { inexact, inexactCount, keys, matchTemplate, values } from './template'
import { bodiesOf, forgetTypes } from './types'

export { allocate } from './arena'
export { putShape } from './checks'
export { addHead, head } from './heads'
export { addBody } from './shapes'
export { addType, putBody } from './types'
export { keys }

/** Why {@link scan} stopped. */
const windowEnds: i32 = 0
/** The columns are full. */
const roomEnds: i32 = 1
/** No check of a known kind, or nothing that this can read. */
const lineUnknown: i32 = 2
/** No body is known that fits the line of the check. */
const shapeUnknown: i32 = 3
/** A body fits, and the family of its values is not known. */
const familyUnknown: i32 = 4
/** There is no room for the check. */
const memoryEnds: i32 = 5
export let stop: i32 = windowEnds

/** The body that fits the line at which it stopped. */
export let body: usize = 0

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

preparePowers()

/** Forgets everything. */
export function forget(): void {
  emptyArena()
  forgetHeads()
  forgetTypes()
  forgetChecks()
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
  stop = memoryEnds
  const address = checkOf(head)
  if (address === 0) return 0
  const check = changetype<Check>(address)
  const next = matchShape(afterHead, check)
  if (next === 0) return 0
  stop = lineUnknown
  if (next - 1 - start > maxLine) return 0
  stop = roomEnds
  const count = changetype<Body>(check.body).count
  const isRoom = length < lineRoom && points + count <= valueRoom && repairs + inexactCount <= repairRoom
  if (!isRoom) return 0
  addLine(check, time + 0)
  stop = windowEnds
  return next
}

/**
 * Matches what follows a head with what lines of the check looked like; what fits comes first from then on. Returns where the next line
 * starts, or 0.
 */
function matchShape(start: usize, check: Check): usize {
  if (check.body !== 0) {
    const next = matchRest(start, check.body)
    if (next !== 0) return next
  }
  for (let address = check.next; address !== 0; ) {
    const shape = changetype<Shape>(address)
    const next = matchRest(start, shape.body)
    if (next !== 0) {
      putFirst(check, shape.body, shape.family, shape.mask)
      return next
    }
    address = shape.next
  }
  findBody(start)
  return 0
}

/** Finds a body that fits among those of the check's type, and stops. */
function findBody(start: usize): void {
  stop = shapeUnknown
  let address = bodiesOf(typeText(), typeTextSize())
  while (address !== 0) {
    const shape = changetype<Shape>(address)
    if (matchRest(start, shape.body) !== 0) {
      body = shape.body
      stop = familyUnknown
      return
    }
    address = shape.next
  }
}

/** Matches what follows a head with a body. Returns where the next line starts, or 0. */
function matchRest(start: usize, body: usize): usize {
  const end = matchTemplate(start, changetype<Body>(body).template)
  if (end === 0) return 0
  if (load<u8>(end) === 0x0a) return end + 1
  return load<u16>(end) === 0x0a0d ? end + 2 : 0
}

/** Adds the line that was matched last. */
function addLine(shape: Shape, time: f64): void {
  const body = changetype<Body>(shape.body)
  const before = points
  lines++
  if (shape.family >= 0) {
    store<u32>(families + (length << 2), shape.family)
    store<f64>(times + (length << 3), time)
    store<u32>(lineNumbers + (length << 2), firstLine + lines)
    store<u32>(firsts + (length << 2), firstValue + before)
    length++
    if (shape.mask === 0) addAll(body)
    else addWanted(body, shape.mask)
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
