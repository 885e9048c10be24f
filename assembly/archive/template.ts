// Matching a place in the window with a template, every byte of it.
//
// A template is a sequence of parts, as src/archive/template.ts writes them: u32 length of a constant, u32 field that follows it, the
// constant's bytes. The last field is `end`.

import { isExact, readNumber, value } from './number'
import { isSame, skipPlain } from './text'

const end: u32 = 0
const _text: u32 = 1
const key: u32 = 2
const boolean: u32 = 3
const double: u32 = 5
const int32: u32 = 6
const int64: u32 = 7

/** The most values and keys that a template may have. */
export const maxValues: i32 = 4096
const maxKeys: i32 = 8

/** The values matched last. */
export const values: usize = memory.data(32768)
/** Where each key matched last starts and ends: pairs of u32. */
export const keys: usize = memory.data(64)
export let keyCount: i32 = 0

/** Values matched last that JavaScript is to parse: pairs of u32, the value's place and where its text starts. */
export const inexact: usize = memory.data(32768)
export let inexactCount: i32 = 0

/** Matches a template from a place on. Returns where it ends, or 0. */
export function matchTemplate(start: usize, template: usize): usize {
  let valueCount = 0
  keyCount = 0
  inexactCount = 0
  let part = template
  let at = start
  while (true) {
    const length = <usize>load<u32>(part)
    const field = load<u32>(part, 4)
    if (!isSame(at, part + 8, length)) return 0
    part += 8 + length
    at += length
    if (field === end) return at
    const from = at
    at = skipField(at, field)
    if (at === 0) return 0
    if (field === key) addKey(from, at)
    else if (field >= double) addValue(valueCount++, field, from)
  }
}

/** Where a field ends, or 0 where there is none such. A number's value is then `value`. */
function skipField(at: usize, field: u32): usize {
  if (field <= key) return skipPlain(at)
  if (field === boolean) return skipBoolean(at)
  const end = readNumber(at)
  return end !== 0 && fits(field) ? end : 0
}

const true4: u32 = 0x65757274
const alse4: u32 = 0x65736c61

function skipBoolean(at: usize): usize {
  if (load<u32>(at) === true4) return at + 4
  return load<u8>(at) === 0x66 && load<u32>(at, 1) === alse4 ? at + 5 : 0
}

/** Whether the number read last is one that an integer field can hold as it is. */
function fits(field: u32): bool {
  if (field !== int32 && field !== int64) return true
  if (!isExact || value !== Math.trunc(value)) return false
  return field === int32 ? Math.abs(value + 0.5) < 2147483648 : Math.abs(value) < 9007199254740992
}

function addKey(from: usize, at: usize): void {
  if (keyCount === maxKeys) return
  const pair = keys + (keyCount++ << 3)
  store<u32>(pair, <u32>from)
  store<u32>(pair, <u32>at, 4)
}

function addValue(place: i32, field: u32, from: usize): void {
  // There is no -0 among the integers.
  store<f64>(values + (place << 3), field === double ? value : value + 0)
  if (isExact) return
  const pair = inexact + (inexactCount++ << 3)
  store<u32>(pair, place)
  store<u32>(pair, <u32>from, 4)
}

export function keyStart(i: i32): usize {
  return <usize>load<u32>(keys + (i << 3))
}

export function keyTextSize(i: i32): usize {
  return <usize>load<u32>(keys + (i << 3), 4) - keyStart(i)
}

/** The size of a key with the quote behind it, which keeps keys apart. */
export function keySize(i: i32): usize {
  return keyTextSize(i) + 1
}
