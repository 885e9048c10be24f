// The batch that lines are taken from. JavaScript writes its columns, and says which of our families each of its families is.

import { discard, Room, u32At } from './room'

/** Lines: u32 family of the batch, f64 time in ms, u32 place of the first value; there is one more of these places. */
export let families: usize = 0
export let times: usize = 0
export let firsts: usize = 0
/** Values: f64, u8 kind, i64 exact integer where `isWide`. */
export let values: usize = 0
export let kinds: usize = 0
export let wide: usize = 0
export let isWide: bool = false

const room = new Room()
/** u32 our family, from 1, of each family of the batch; 0 where that is not known. */
let translation: usize = 0

/** Makes room for a batch. */
export function reserveBatch(lines: u32, valueCount: u32, hasWide: bool): void {
  isWide = hasWide
  const wideSize = hasWide ? (<usize>valueCount) << 3 : 0
  room.reserve(16 * <usize>lines + 16 + 9 * <usize>valueCount + wideSize)
  times = room.start
  values = times + ((<usize>lines) << 3)
  wide = values + ((<usize>valueCount) << 3)
  families = wide + wideSize
  firsts = families + ((<usize>lines) << 2)
  kinds = firsts + ((<usize>(lines + 1)) << 2)
}

/** Makes a translation of no families yet. */
export function openTranslation(): Room {
  return new Room()
}

/** Goes on with a translation, of `count` families by now. */
export function useTranslation(known: Room, count: u32): void {
  const before = known.size
  known.reserve((<usize>count) << 2)
  memory.fill(known.start + before, 0, known.size - before)
  translation = known.start
}

export function closeTranslation(known: Room): void {
  discard(known)
}

/** Says which of our families a family of the batch is. */
export function translate(theirs: u32, ours: u32): void {
  store<u32>(translation + ((<usize>theirs) << 2), ours + 1)
}

/** Our family of a line, from 1, or 0. */
export function ownFamily(line: u32): u32 {
  return u32At(translation, u32At(families, line))
}
