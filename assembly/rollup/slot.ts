import { familyCount, sizeOf } from './families'
import { double, Lines, separate } from './lines'
import { discard, Room, setU32, u32At } from './room'
import { addDouble, addInteger, beginRow, endRow } from './row'
import { Rows } from './rows'

/** A slot: its lines until it closes, its rows from then on. */
@unmanaged
export class Slot {
  lines: Lines = new Lines()
  rows: Rows = new Rows()
  /** u32 the row of each family's first series, from 1, or 0, of those families that there were when it closed. */
  firstRow: Room = new Room()
  familyCount: u32 = 0

  discard(): void {
    this.lines.discard()
    this.rows.discard()
    discard(this.firstRow)
    heap.free(changetype<usize>(this))
  }
}

/** The row of the first series of a family, from 1, or 0 where it has none. */
export function firstRowOf(slot: Slot, family: u32): u32 {
  return family < slot.familyCount ? u32At(slot.firstRow.start, family) : 0
}

/** Points of the slot that is being closed, or was last, whose place another one of the same series and millisecond has taken. */
export let duplicates: u32 = 0

/** The slot that is being closed, its lines by family, and where those of each family end. */
let closing: Slot = changetype<Slot>(0)
const order = new Room()
const ends = new Room()
/** Columns of its lines, see `Lines`. */
let offsets: usize = 0
let firsts: usize = 0
let values: usize = 0
let kinds: usize = 0
let wide: usize = 0
let isWide: bool = false

/** Begins to close a slot. Returns how many families there are to `closeFamilies` of. */
export function beginClosing(slot: Slot, isBlueflood: bool): u32 {
  closing = slot
  duplicates = 0
  const lines = slot.lines
  separate(lines)
  const count = familyCount()
  const rows = group(lines, count)
  offsets = lines.offset.start
  firsts = lines.first.start
  values = lines.value.start
  kinds = lines.kind.start
  wide = lines.wide.start
  isWide = lines.isWide
  closing.familyCount = count
  closing.firstRow.reserve((<usize>count) << 2)
  closing.rows.allocate(rows)
  closing.rows.isBlueflood = isBlueflood
  return count
}

/** A counting sort, which keeps the order of arrival inside a family. Returns how many rows there can be. */
function group(lines: Lines, count: u32): u32 {
  order.reserve((<usize>lines.length) << 2)
  ends.reserve((<usize>count) << 2)
  memory.fill(ends.start, 0, (<usize>count) << 2)
  for (let i: u32 = 0; i < lines.length; i++) {
    const family = u32At(lines.family.start, i)
    setU32(ends.start, family, u32At(ends.start, family) + 1)
  }
  let start: u32 = 0
  let rows: u32 = 0
  for (let family: u32 = 0; family < count; family++) {
    const length = u32At(ends.start, family)
    if (length > 0) rows += sizeOf(family)
    setU32(ends.start, family, start)
    start += length
  }
  for (let i: u32 = 0; i < lines.length; i++) {
    const family = u32At(lines.family.start, i)
    const place = u32At(ends.start, family)
    setU32(order.start, place, i)
    setU32(ends.start, family, place + 1)
  }
  return rows
}

/** Makes the rows of the families `[from, to)`, of those that have lines. */
export function closeFamilies(from: u32, to: u32): void {
  const rows = closing.rows
  for (let family = from; family < to; family++) {
    const start: u32 = family === 0 ? 0 : u32At(ends.start, family - 1)
    const end = u32At(ends.start, family)
    setU32(closing.firstRow.start, family, start === end ? 0 : rows.length + 1)
    if (start === end) continue
    sortByTime(start, end)
    const last = dropDuplicates(start, end)
    const size = sizeOf(family)
    duplicates += (end - last) * size
    for (let member: u32 = 0; member < size; member++) {
      beginRow(last - start)
      for (let place = start; place < last; place++) addPoint(firstAt(place) + member)
      endRow(rows)
    }
  }
}

/** Points that the rows of the slot that was closed last count. */
export let points: f64 = 0

/** Ends what `beginClosing` began. Returns how many rows the slot has. */
export function endClosing(): u32 {
  closing.lines.release()
  points = 0
  for (let i: u32 = 0; i < closing.rows.length; i++) points += <f64>u32At(closing.rows.count, i)
  return closing.rows.length
}

/** Lines come nearly in time order, where an insertion sort is hard to beat; it is stable. */
function sortByTime(start: u32, end: u32): void {
  for (let place = start + 1; place < end; place++) {
    const line = u32At(order.start, place)
    const offset = offsetAt(place)
    let to = place
    for (; to > start && offsetAt(to - 1) > offset; to--) setU32(order.start, to, u32At(order.start, to - 1))
    setU32(order.start, to, line)
  }
}

/** Of several lines in one millisecond the last counts. Returns where those that count end. */
function dropDuplicates(start: u32, end: u32): u32 {
  let last = start
  for (let place = start; place < end; place++) {
    if (place + 1 < end && offsetAt(place) === offsetAt(place + 1)) continue
    setU32(order.start, last, u32At(order.start, place))
    last++
  }
  return last
}

function offsetAt(place: u32): u32 {
  return u32At(offsets, u32At(order.start, place))
}

function firstAt(place: u32): u32 {
  return u32At(firsts, u32At(order.start, place))
}

function addPoint(place: u32): void {
  const at = (<usize>place) << 3
  const value = load<f64>(values + at)
  if (load<u8>(kinds + place) === double) addDouble(value)
  else addInteger(isWide ? load<i64>(wide + at) : <i64>value, value)
}
