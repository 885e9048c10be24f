// Families of series, whose values come in one line. A series stands in `members` at each place where a family has it.

import { Room, setU32, u32At } from './room'

/** u32 place of the first member of each family, and of what would follow the last. */
const starts = new Room()
/** u32 series of each place, and u32 family that the place is of. */
const members = new Room()
const owners = new Room()
/** u8 whether a family has a series that is also in another one, or in it twice. */
const shared = new Room()
/** u32 the family of just that series, from 1; 0 where there is none. */
const singles = new Room()

export let familyCount: u32 = 0
let places: u32 = 0
let series: u32 = 0

/** Forgets all. */
export function clearFamilies(): void {
  familyCount = 0
  places = 0
  series = 0
}

/** Adds a family of `size` series that are new as well: their ids, and their places, follow those that there are. */
export function addFamily(size: u32): u32 {
  const id = openFamily(size)
  members.reserve((<usize>(places + size)) << 2)
  singles.reserve((<usize>(series + size)) << 2)
  for (let i: u32 = 0; i < size; i++) {
    setU32(singles.start, series, 0)
    addPlace(id, series++)
  }
  return id
}

function openFamily(size: u32): u32 {
  const id = familyCount++
  starts.reserve((<usize>(id + 2)) << 2)
  shared.reserve(<usize>(id + 1))
  members.reserve((<usize>(places + size)) << 2)
  owners.reserve((<usize>(places + size)) << 2)
  setU32(starts.start, id, places)
  setU32(starts.start, id + 1, places)
  store<u8>(shared.start + id, 0)
  return id
}

function addPlace(family: u32, id: u32): void {
  setU32(members.start, places, id)
  setU32(owners.start, places, family)
  setU32(starts.start, family + 1, ++places)
}

/** Says that the series of two places are one. Both families count as shared from then on. */
export function unite(place: u32, other: u32): void {
  setU32(members.start, place, u32At(members.start, other))
  store<u8>(shared.start + familyOf(place), 1)
  store<u8>(shared.start + familyOf(other), 1)
}

/** The family of just one series. */
export function singleOf(id: u32): u32 {
  const known = u32At(singles.start, id)
  if (known !== 0) return known - 1
  const single = openFamily(1)
  addPlace(single, id)
  setU32(singles.start, id, single + 1)
  return single
}

/** The family of just that series, from 1, or 0. */
export function knownSingle(id: u32): u32 {
  return u32At(singles.start, id)
}

export function firstPlace(family: u32): u32 {
  return u32At(starts.start, family)
}

export function sizeOf(family: u32): u32 {
  return u32At(starts.start, family + 1) - u32At(starts.start, family)
}

export function seriesAt(place: u32): u32 {
  return u32At(members.start, place)
}

export function familyOf(place: u32): u32 {
  return u32At(owners.start, place)
}

export function isShared(family: u32): bool {
  return load<u8>(shared.start + family) !== 0
}
