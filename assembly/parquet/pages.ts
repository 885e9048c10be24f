// Makes what stands in pages of the values of a column: JavaScript writes them to where they are read, and takes the result out before
// it asks for the next one. What the encodings are, src/parquet/encodings.ts says.

/**
 * Values as they are given: f64, i64, u32 places in a dictionary, or, once these are no more needed, u32 sizes of texts; u8 bits, of
 * which one says whether it is present.
 */
export let input: usize = 0
export let present: usize = 0
/** Values as they are written: f64 or i64. */
export let output: usize = 0
/** u16 places in a dictionary; its entries: i64, or u32 places in the dictionary that was given. */
export let places: usize = 0
export let entries: usize = 0
/** A bit for each row, the first one lowest: whether it is present. */
export let levels: usize = 0
/** Texts, each behind its u32 size; the smallest and the largest of them by their bytes. */
export let textBytes: usize = 0
export let leastText: usize = 0
export let mostText: usize = 0
/** The extremes found last, as they are written. */
export const least: usize = memory.data(8)
export const most: usize = memory.data(8)

/** u32 place of each text of the dictionary that was given, from 1. */
let seen: usize = 0
/** Entries of the dictionary in the making by their hash: u16 place, from 1. */
const mostEntries: u32 = 4096
const table: usize = memory.data(16384)
const tableMask: u32 = 8191

/** Makes room for `rows` values, at most 65,536, and for places in a dictionary of `texts`. */
export function reserve(rows: u32, texts: u32): void {
  let free: usize = (__heap_base + 7) & ~7
  const wide = (<usize>rows) << 3
  input = free
  free += wide
  output = free
  free += wide
  entries = free
  free += wide
  seen = free
  free += ((<usize>texts + 1) & ~1) << 2
  places = free
  free += (<usize>rows) << 1
  present = free
  free += rows
  levels = free
  free += (rows + 7) >> 3
  textBytes = free
  growTo(free)
}

/** Makes room for `size` bytes of texts with their sizes, besides what there is room for. */
export function reserveTexts(size: usize): void {
  growTo(textBytes + size)
}

function growTo(end: usize): void {
  const pages = <i32>((end + 0xffff) >> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) unreachable()
}

/** Writes doubles with all NaNs alike, and finds the extremes. Returns whether there is a NaN. */
export function putDoubles(rows: u32): bool {
  let min: f64 = Infinity
  let max: f64 = -Infinity
  let hasNaN = false
  for (let i: usize = 0; i < (<usize>rows) << 3; i += 8) {
    const value = load<f64>(input + i)
    const isNumber = !Number.isNaN(value)
    store<u64>(output + i, isNumber ? load<u64>(input + i) : 0x7ff8000000000000)
    hasNaN = hasNaN || !isNumber
    if (value < min) min = value
    if (value > max) max = value
  }
  store<f64>(least, min === 0 ? -0.0 : min)
  store<f64>(most, max === 0 ? 0.0 : max)
  return hasNaN
}

/** Writes doubles, times `scale`, as integers. Returns where the first stands that is no safe integer, or how many there are. */
export function putIntegers(rows: u32, scale: i64): u32 {
  for (let i: u32 = 0; i < rows; i++) {
    const at = (<usize>i) << 3
    const value = load<f64>(input + at)
    if (value !== Math.trunc(value) || Math.abs(value) > 9007199254740991) return i
    store<i64>(output + at, <i64>value * scale)
  }
  return rows
}

/** Writes the integers that are present, those with `bit` set, and the levels of all. Returns how many are. */
export function putPresent(rows: u32, bit: u8): u32 {
  memory.fill(levels, 0, (rows + 7) >> 3)
  let count: u32 = 0
  for (let i: u32 = 0; i < rows; i++) {
    if ((load<u8>(present + i) & bit) === 0) continue
    const byte = levels + (i >> 3)
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>(i & 7))))
    store<i64>(output + ((<usize>count) << 3), load<i64>(input + ((<usize>i) << 3)))
    count++
  }
  return count
}

/** How many rows are present by the levels. */
export function countPresent(rows: u32): u32 {
  let count: u32 = 0
  for (let i: u32 = 0; i < (rows + 7) >> 3; i++) count += popcnt<u32>(load<u8>(levels + i))
  return count
}

/** The inverse of `putPresent`: the integers that were written go to where they were, and 1 to where the present are told; what is absent is 0. */
export function takePresent(rows: u32): void {
  let count: usize = 0
  for (let i: u32 = 0; i < rows; i++) {
    const isPresent = (load<u8>(levels + (i >> 3)) >> <u8>(i & 7)) & 1
    store<u8>(present + i, isPresent)
    store<i64>(input + ((<usize>i) << 3), isPresent ? load<i64>(output + (count << 3)) : 0)
    count += isPresent
  }
}

/** Finds the extremes of the integers that were written. */
export function findExtremes(count: u32): void {
  let min = load<i64>(output)
  let max = min
  for (let i: usize = 8; i < (<usize>count) << 3; i += 8) {
    const value = load<i64>(output + i)
    if (value < min) min = value
    if (value > max) max = value
  }
  store<i64>(least, min)
  store<i64>(most, max)
}

/** Makes a dictionary of the integers that were written, in order of appearance. Returns its size, or 0 if that would be too large. */
export function putDictionary(count: u32): u32 {
  memory.fill(table, 0, 16384)
  let size: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const value = load<i64>(output + ((<usize>i) << 3))
    const slot = findSlot(value)
    let place = <u32>load<u16>(slot)
    if (place === 0) {
      if (size === mostEntries) return 0
      store<i64>(entries + ((<usize>size) << 3), value)
      place = ++size
      store<u16>(slot, place)
    }
    store<u16>(places + ((<usize>i) << 1), place - 1)
  }
  return size
}

/** The inverse: writes the integers that are at the places. */
export function takeDictionary(count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const place = <usize>load<u16>(places + ((<usize>i) << 1))
    store<i64>(output + ((<usize>i) << 3), load<i64>(entries + (place << 3)))
  }
}

/** The inverse of `putIntegers`: the doubles go to where they were. */
export function takeIntegers(rows: u32, scale: i64): void {
  for (let i: u32 = 0; i < rows; i++) {
    const at = (<usize>i) << 3
    const value = load<i64>(output + at)
    store<f64>(input + at, <f64>(value / scale) + <f64>(value % scale) / <f64>scale)
  }
}

/** Where an integer is in the table, or belongs. */
function findSlot(value: i64): usize {
  let i = ((<u32>value ^ (<u32>(value >> 32) * 0x85ebca6b)) * 0x9e3779b1) >> 19
  while (true) {
    const slot = table + ((<usize>(i & tableMask)) << 1)
    const place = <u32>load<u16>(slot)
    if (place === 0 || load<i64>(entries + ((<usize>(place - 1)) << 3)) === value) return slot
    i++
  }
}

/**
 * Makes the dictionary of just the texts that rows have, in order of appearance, given rows by their places in one of `texts`.
 * Returns its size, or 0 if a place lies beyond.
 */
export function putAppearing(rows: u32, texts: u32): u32 {
  memory.fill(seen, 0, (<usize>texts) << 2)
  let size: u32 = 0
  for (let i: u32 = 0; i < rows; i++) {
    const text = load<u32>(input + ((<usize>i) << 2))
    if (text >= texts) return 0
    const known = seen + ((<usize>text) << 2)
    if (load<u32>(known) === 0) {
      store<u32>(entries + ((<usize>size) << 2), text)
      store<u32>(known, ++size)
    }
    store<u16>(places + ((<usize>i) << 1), load<u32>(known) - 1)
  }
  return size
}

/** Puts sizes, u32 that were given, before texts that stand each behind the room for its own; and finds the extremes. */
export function putSizes(count: u32): void {
  leastText = textBytes
  mostText = textBytes
  let at = textBytes
  for (let i: u32 = 0; i < count; i++) {
    const size = load<u32>(input + ((<usize>i) << 2))
    store<u32>(at, size)
    if (follows(at, mostText)) mostText = at
    else if (follows(leastText, at)) leastText = at
    at += 4 + <usize>size
  }
}

/** Whether one text comes after another in the order of their bytes. */
function follows(one: usize, other: usize): bool {
  const oneSize = load<u32>(one)
  const otherSize = load<u32>(other)
  const end: usize = 4 + min(oneSize, otherSize)
  let i: usize = 4
  while (i + 8 <= end && load<u64>(one + i) === load<u64>(other + i)) i += 8
  while (i < end && load<u8>(one + i) === load<u8>(other + i)) i++
  return i < end ? load<u8>(one + i) > load<u8>(other + i) : oneSize > otherSize
}
