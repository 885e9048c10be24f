// Families of series, whose values come in one line. A series stands in `members` at each place where a family has it.

import { discard, Room, setU32, u32At } from './room'

/** The families of chunks that are in the making at once. */
@unmanaged
export class Families {
  count: u32 = 0
  places: u32 = 0
  series: u32 = 0
  /** u32 place of the first member of each family, and of what would follow the last. */
  starts: Room = new Room()
  /** u32 series of each place, and u32 family that the place is of. */
  members: Room = new Room()
  owners: Room = new Room()
  /** u8 whether a family has a series that is also in another one, or in it twice. */
  shared: Room = new Room()
  /** u32 the family of just that series, from 1; 0 where there is none. */
  singles: Room = new Room()
}

/** The families that all that follows is about. */
let known: Families = changetype<Families>(0)

export function openFamilies(): Families {
  return new Families()
}

export function useFamilies(families: Families): void {
  known = families
}

export function discardFamilies(families: Families): void {
  discard(families.starts)
  discard(families.members)
  discard(families.owners)
  discard(families.shared)
  discard(families.singles)
  heap.free(changetype<usize>(families))
}

export function familyCount(): u32 {
  return known.count
}

/** Adds a family of `size` series that are new as well: their ids, and their places, follow those that there are. */
export function addFamily(size: u32): u32 {
  const id = openFamily(size)
  known.singles.reserve((<usize>(known.series + size)) << 2)
  for (let i: u32 = 0; i < size; i++) {
    setU32(known.singles.start, known.series, 0)
    addPlace(id, known.series++)
  }
  return id
}

function openFamily(size: u32): u32 {
  const id = known.count++
  known.starts.reserve((<usize>(id + 2)) << 2)
  known.shared.reserve(<usize>(id + 1))
  known.members.reserve((<usize>(known.places + size)) << 2)
  known.owners.reserve((<usize>(known.places + size)) << 2)
  setU32(known.starts.start, id, known.places)
  setU32(known.starts.start, id + 1, known.places)
  store<u8>(known.shared.start + id, 0)
  return id
}

function addPlace(family: u32, id: u32): void {
  setU32(known.members.start, known.places, id)
  setU32(known.owners.start, known.places, family)
  setU32(known.starts.start, family + 1, ++known.places)
}

/** Says that the series of two places are one. Both families count as shared from then on. */
export function unite(place: u32, other: u32): void {
  setU32(known.members.start, place, u32At(known.members.start, other))
  store<u8>(known.shared.start + familyOf(place), 1)
  store<u8>(known.shared.start + familyOf(other), 1)
}

/** The family of just one series. */
export function singleOf(id: u32): u32 {
  const single = knownSingle(id)
  if (single !== 0) return single - 1
  return openSingle(id)
}

function openSingle(id: u32): u32 {
  const single = openFamily(1)
  addPlace(single, id)
  setU32(known.singles.start, id, single + 1)
  return single
}

/** The family of just that series, from 1, or 0. */
export function knownSingle(id: u32): u32 {
  return u32At(known.singles.start, id)
}

export function firstPlace(family: u32): u32 {
  return u32At(known.starts.start, family)
}

export function sizeOf(family: u32): u32 {
  return u32At(known.starts.start, family + 1) - u32At(known.starts.start, family)
}

export function seriesAt(place: u32): u32 {
  return u32At(known.members.start, place)
}

export function familyOf(place: u32): u32 {
  return u32At(known.owners.start, place)
}

export function isShared(family: u32): bool {
  return load<u8>(known.shared.start + family) !== 0
}
