import { firsts, isWide, kinds, ownFamily, times, values, wide } from './batch'
import { firstPlace, isShared, seriesAt, singleOf, sizeOf } from './families'
import { discard, Room, setU32, u32At } from './room'

export const double: u8 = 2

/** Lines of one slot, in the order in which they have come. */
@unmanaged
export class Lines {
  /** Times of the slot, in ms: from `start` to before `end`. */
  start: f64 = 0
  end: f64 = 0
  length: u32 = 0
  valueCount: u32 = 0
  /** u32 family, u32 milliseconds after `start`, u32 place of the first value, of each line. */
  family: Room = new Room()
  offset: Room = new Room()
  first: Room = new Room()
  /** f64, u8 kind and, once some integer lies beyond 2^53, i64 exact integer of each value. */
  value: Room = new Room()
  kind: Room = new Room()
  wide: Room = new Room()
  isWide: bool = false

  release(): void {
    this.family.release()
    this.offset.release()
    this.first.release()
    this.value.release()
    this.kind.release()
    this.wide.release()
    this.length = 0
    this.valueCount = 0
    this.isWide = false
  }

  discard(): void {
    discard(this.family)
    discard(this.offset)
    discard(this.first)
    discard(this.value)
    discard(this.kind)
    discard(this.wide)
    heap.free(changetype<usize>(this))
  }
}

/** How many values have been added last. */
export let added: u32 = 0

/** Adds those of the lines `[from, to)` of the batch that are of the slot. Returns where it stopped: at one whose family is not known, or at `to`. */
export function addLines(lines: Lines, from: u32, to: u32): u32 {
  const before = lines.valueCount
  reserve(lines, to - from)
  let line = nextOf(lines, from, to)
  while (line < to) {
    const end = addRun(lines, line, to)
    if (end < to && isOf(lines, end)) {
      line = end
      break
    }
    line = nextOf(lines, end, to)
  }
  added = lines.valueCount - before
  return line
}

function isOf(lines: Lines, line: u32): bool {
  const time = load<f64>(times + ((<usize>line) << 3))
  return time >= lines.start && time < lines.end
}

/** The first line of the slot from `from` on, or `to`. */
function nextOf(lines: Lines, from: u32, to: u32): u32 {
  let line = from
  while (line < to && !isOf(lines, line)) line++
  return line
}

/** Adds lines until one is not of the slot, or of a family that is not known. Returns where that is. */
function addRun(lines: Lines, from: u32, to: u32): u32 {
  const shift = lines.valueCount - u32At(firsts, from)
  let line = from
  for (; line < to && isOf(lines, line); line++) {
    const family = ownFamily(line)
    if (family === 0) break
    const offset = load<f64>(times + ((<usize>line) << 3)) - lines.start
    add(lines, family - 1, <u32>offset, u32At(firsts, line) + shift)
  }
  addValues(lines, u32At(firsts, from), u32At(firsts, line))
  return line
}

function reserve(lines: Lines, more: u32): void {
  const size = (<usize>(lines.length + more)) << 2
  lines.family.reserve(size)
  lines.offset.reserve(size)
  lines.first.reserve(size)
}

function add(lines: Lines, family: u32, offset: u32, first: u32): void {
  const at = lines.length++
  setU32(lines.family.start, at, family)
  setU32(lines.offset.start, at, offset)
  setU32(lines.first.start, at, first)
}

function addValues(lines: Lines, from: u32, to: u32): void {
  const at = <usize>lines.valueCount
  const count = <usize>(to - from)
  lines.value.reserve((at + count) << 3)
  lines.kind.reserve(at + count)
  memory.copy(lines.value.start + (at << 3), values + ((<usize>from) << 3), count << 3)
  memory.copy(lines.kind.start + at, kinds + from, count)
  if (isWide && !lines.isWide) widen(lines, 0, lines.valueCount)
  lines.valueCount += to - from
  if (isWide) addWide(lines, at, from, count)
  else if (lines.isWide) widen(lines, <u32>at, lines.valueCount)
}

/** Takes integers over from doubles, which hold them exactly. */
function widen(lines: Lines, from: u32, to: u32): void {
  lines.isWide = true
  lines.wide.reserve((<usize>to) << 3)
  for (let i = <usize>from; i < <usize>to; i++) {
    if (load<u8>(lines.kind.start + i) === double) continue
    store<i64>(lines.wide.start + (i << 3), <i64>load<f64>(lines.value.start + (i << 3)))
  }
}

function addWide(lines: Lines, at: usize, from: u32, count: usize): void {
  lines.wide.reserve((at + count) << 3)
  memory.copy(lines.wide.start + (at << 3), wide + ((<usize>from) << 3), count << 3)
}

/** Cuts the lines of shared families into points, each series being a family of its own. The values stay where they are. */
export function separate(lines: Lines): void {
  if (!hasShared(lines)) return
  const cut = countCut(lines)
  const length = lines.length
  const family = lines.family
  const offset = lines.offset
  const first = lines.first
  lines.length = 0
  lines.family = new Room()
  lines.offset = new Room()
  lines.first = new Room()
  reserve(lines, cut)
  for (let i: u32 = 0; i < length; i++)
    cutLine(lines, u32At(family.start, i), u32At(offset.start, i), u32At(first.start, i))
  discard(family)
  discard(offset)
  discard(first)
}

function cutLine(lines: Lines, family: u32, offset: u32, first: u32): void {
  if (!isShared(family)) {
    add(lines, family, offset, first)
    return
  }
  const place = firstPlace(family)
  for (let i: u32 = 0; i < sizeOf(family); i++) add(lines, singleOf(seriesAt(place + i)), offset, first + i)
}

function hasShared(lines: Lines): bool {
  for (let i: u32 = 0; i < lines.length; i++) if (isShared(u32At(lines.family.start, i))) return true
  return false
}

/** How many lines there are once those of shared families are cut. */
function countCut(lines: Lines): u32 {
  let count: u32 = 0
  for (let i: u32 = 0; i < lines.length; i++) {
    const family = u32At(lines.family.start, i)
    count += isShared(family) ? sizeOf(family) : 1
  }
  return count
}
