import { openSlot, type Slot, type SlotFamily } from './slot.ts'

/**
 * A slot none of whose families shares a series with another one: lines of shared families are cut into points, each series being a
 * family of its own, so that the points of one series are found together again.
 */
export function separate(slot: Slot, families: readonly SlotFamily[]): { slot: Slot; families: readonly SlotFamily[] } {
  const isShared = (line: number) => families[slot.family[line]].isShared
  if (!slot.family.subarray(0, slot.length).some((_, line) => isShared(line))) return { slot, families }
  const all = [...families]
  const singles = new Map<number, number>()
  const singleOf = (series: number): number => {
    const id = singles.get(series) ?? all.push({ series: [series], isShared: false }) - 1
    singles.set(series, id)
    return id
  }
  // The values stay where they are: only lines are cut.
  const { family, offset, first } = openSlot(slot.start, { lines: slot.values, values: 0 })
  const own: Slot = { ...slot, family, offset, first, length: 0 }
  const add = (line: number, id: number, place: number) => {
    own.family[own.length] = id
    own.offset[own.length] = slot.offset[line]
    own.first[own.length++] = slot.first[line] + place
  }
  for (let line = 0; line < slot.length; line++) {
    const { series } = families[slot.family[line]]
    if (!isShared(line)) add(line, slot.family[line], 0)
    else for (let place = 0; place < series.length; place++) add(line, singleOf(series[place]), place)
  }
  return { slot: own, families: all }
}
