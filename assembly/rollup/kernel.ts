// Slots in the making, and the rows of those that have closed. Lines are values of one family of series that share their time, so that
// what is out of order and what is doubled is a matter of lines. JavaScript tells families and lines, closes slots, and at last takes the
// rows out in the order of series: src/rollup/slots.ts. Several chunks share the memory.

import { addLines } from './lines'
import { Slot } from './slot'

export {
  closeTranslation,
  families,
  firsts,
  kinds,
  openTranslation,
  reserveBatch,
  times,
  translate,
  useTranslation,
  values,
  wide,
} from './batch'
export { addFamily, discardFamilies, firstPlace, openFamilies, unite, useFamilies } from './families'
export { added } from './lines'
export { beginClosing, closeFamilies, duplicates, endClosing, points } from './slot'
export { beginPiece, beginTaking, columns, endTaking, places, ranks, slots, starts, takeRows } from './take'

export function openSlot(start: f64, end: f64): Slot {
  const slot = new Slot()
  slot.lines.start = start
  slot.lines.end = end
  return slot
}

/** See `addLines`. */
export function add(slot: Slot, from: u32, to: u32): u32 {
  return addLines(slot.lines, from, to)
}

/** Gives back all that a slot holds. */
export function discardSlot(slot: Slot): void {
  slot.discard()
}
