import { familyOf, firstPlace, knownSingle, seriesAt } from './families'
import { Room, setU32, u32At } from './room'
import { TakenRows } from './rows'
import { firstRowOf, Slot } from './slot'

/** JavaScript writes here: u32 places of all series, in the order of series, and u32 closed slots, in the order of time. */
export let places: usize = 0
export let slots: usize = 0
let placeCount: u32 = 0
let slotCount: u32 = 0

/** What has been taken: u32 rank of the series, f64 start of the slot, and the columns of `TakenRows`. */
export let ranks: usize = 0
export let starts: usize = 0
export let columns: usize = 0
let taken: TakenRows = changetype<TakenRows>(0)
let most: u32 = 0

/** The series to go on with, and the first of its slots that is still to be looked at. */
let next: u32 = 0
let nextSlot: u32 = 0
let rank: u32 = 0

const input = new Room()
const output = new Room()

/** Makes room for what is to be taken, in pieces of up to `atOnce` rows. */
export function beginTaking(ofPlaces: u32, ofSlots: u32, atOnce: u32): void {
  placeCount = ofPlaces
  slotCount = ofSlots
  next = 0
  nextSlot = 0
  rank = 0
  input.reserve((<usize>(ofPlaces + ofSlots)) << 2)
  places = input.start
  slots = places + ((<usize>ofPlaces) << 2)
  most = atOnce
  output.reserve(12 * <usize>most)
  starts = output.start
  ranks = starts + ((<usize>most) << 3)
  taken = new TakenRows()
  taken.allocate(most)
  columns = taken.start
}

/** Begins the next piece. */
export function beginPiece(): void {
  taken.length = 0
}

/** Takes rows until the piece has `upTo`, or all are taken. Returns how many it has. */
export function takeRows(upTo: u32): u32 {
  while (next < placeCount && taken.length < upTo) takeSeries(upTo)
  return taken.length
}

function takeSeries(upTo: u32): void {
  const series = seriesAt(u32At(places, next))
  let end = next + 1
  while (end < placeCount && seriesAt(u32At(places, end)) === series) end++
  for (; nextSlot < slotCount; nextSlot++) {
    if (taken.length === upTo) return
    const slot = changetype<Slot>(<usize>u32At(slots, nextSlot))
    const row = findRow(slot, series, end)
    if (row === 0) continue
    setU32(ranks, taken.length, rank)
    store<f64>(starts + ((<usize>taken.length) << 3), slot.lines.start)
    taken.add(slot.rows, row - 1)
  }
  nextSlot = 0
  next = end
  rank++
}

/** The row of a series, from 1, or 0: at one of its places `[next, end)`, or by itself where the families of those were cut. */
function findRow(slot: Slot, series: u32, end: u32): u32 {
  const single = knownSingle(series)
  const alone = single === 0 ? 0 : firstRowOf(slot, single - 1)
  if (alone !== 0) return alone
  for (let i = next; i < end; i++) {
    const place = u32At(places, i)
    const family = familyOf(place)
    const first = firstRowOf(slot, family)
    if (first !== 0) return first + place - firstPlace(family)
  }
  return 0
}

export function endTaking(): void {
  input.release()
  output.release()
  taken.discard()
}
