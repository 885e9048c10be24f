// Rolls up the points of one slot. They come in lines: values of one family of series that share their time, so that what is out of
// order and what is doubled is a matter of lines. JavaScript writes lines into columns as they have come, and takes rows out, by family.

import { addDouble, addInteger, beginRow, column, endRow, releaseColumns, reserveRows } from './row'

export { count, ids, integer, max, maxInt, mean, meanInt, min, minInt, rows, sum, variance } from './row'

/** Families: u32 place of the first member of each, and of what would follow the last; u32 series of each member. */
export let starts: usize = 0
export let members: usize = 0
let familyCount: u32 = 0
let memberCount: u32 = 0

/** Lines: u32 family, u32 milliseconds after the start of the slot, u32 place of the first value. */
export let families: usize = 0
export let offsets: usize = 0
export let firsts: usize = 0
let lines: u32 = 0

/** Values: f64, u8 kind, i64 exact integer where `isWide`. */
export let values: usize = 0
export let kinds: usize = 0
export let wide: usize = 0
let isWide: bool = false

/** Points whose place another one of the same series and millisecond has taken. */
export let duplicates: u32 = 0

/** u32 lines by family, and where those of each family end. */
let order: usize = 0
let ends: usize = 0

const double: u8 = 2

/** Makes room for families. To be called before {@link reserve}. */
export function reserveFamilies(count: u32, ofMembers: u32): void {
  familyCount = count
  memberCount = ofMembers
  releaseColumns()
  starts = column(count + 1, 2)
  members = column(ofMembers, 2)
  ends = column(count, 2)
}

/** Makes room for lines. */
export function reserve(lineCount: u32, valueCount: u32, hasWide: bool): void {
  lines = lineCount
  isWide = hasWide
  duplicates = 0
  families = column(lineCount, 2)
  offsets = column(lineCount, 2)
  firsts = column(lineCount, 2)
  order = column(lineCount, 2)
  values = column(valueCount, 3)
  kinds = column(valueCount, 0)
  wide = column(hasWide ? valueCount : 0, 3)
  reserveRows(valueCount < memberCount ? valueCount : memberCount)
  memory.fill(ends, 0, (<usize>familyCount) << 2)
}

/** A counting sort, which keeps the order of arrival inside a family. */
export function group(): void {
  for (let i: u32 = 0; i < lines; i++) {
    const end = at(ends, u32At(families, i))
    store<u32>(end, load<u32>(end) + 1)
  }
  let start: u32 = 0
  for (let id: u32 = 0; id < familyCount; id++) {
    const length = u32At(ends, id)
    store<u32>(at(ends, id), start)
    start += length
  }
  for (let i: u32 = 0; i < lines; i++) {
    const end = at(ends, u32At(families, i))
    const place = load<u32>(end)
    store<u32>(at(order, place), i)
    store<u32>(end, place + 1)
  }
}

function at(words: usize, i: u32): usize {
  return words + ((<usize>i) << 2)
}

function u32At(words: usize, i: u32): u32 {
  return load<u32>(at(words, i))
}

function offsetAt(place: u32): u32 {
  return u32At(offsets, u32At(order, place))
}

/** Makes the rows of the families `[from, to)`, of those that have lines. */
export function close(from: u32, to: u32, isBlueflood: bool): void {
  for (let id = from; id < to; id++) {
    const start: u32 = id === 0 ? 0 : u32At(ends, id - 1)
    const end = u32At(ends, id)
    if (start === end) continue
    sortByTime(start, end)
    const first = u32At(starts, id)
    const size = u32At(starts, id + 1) - first
    const last = dropDuplicates(start, end)
    duplicates += (end - last) * size
    for (let member: u32 = 0; member < size; member++) {
      beginRow()
      for (let place = start; place < last; place++) addPoint(u32At(firsts, u32At(order, place)) + member)
      endRow(u32At(members, first + member), isBlueflood)
    }
  }
}

/** Lines come nearly in time order, where an insertion sort is hard to beat; it is stable. */
function sortByTime(start: u32, end: u32): void {
  for (let place = start + 1; place < end; place++) {
    const line = u32At(order, place)
    const offset = offsetAt(place)
    let to = place
    for (; to > start && offsetAt(to - 1) > offset; to--) store<u32>(at(order, to), u32At(order, to - 1))
    store<u32>(at(order, to), line)
  }
}

/** Of several lines in one millisecond the last counts. Returns where those that count end. */
function dropDuplicates(start: u32, end: u32): u32 {
  let last = start
  for (let place = start; place < end; place++) {
    if (place + 1 < end && offsetAt(place) === offsetAt(place + 1)) continue
    store<u32>(at(order, last), u32At(order, place))
    last++
  }
  return last
}

function addPoint(place: u32): void {
  const value = load<f64>(values + ((<usize>place) << 3))
  if (load<u8>(kinds + place) === double) addDouble(value)
  else addInteger(isWide ? load<i64>(wide + ((<usize>place) << 3)) : <i64>value, value)
}
