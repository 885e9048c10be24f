import type { Family, LineBatch } from '../metric/lines.ts'
import type { SlotFamily, SlotSeries, Stretch } from '../rollup/slot.ts'
import { compareBytes, sortByBytes } from '../util/bytes.ts'

/** The families of a chunk, whose lines come from several threads that number them each in their own way. */
export interface Families {
  readonly series: SlotSeries
  /** The ids here of the ids of a batch's families; those of the lines of a stretch are among them. */
  translate(stretch: Stretch<LineBatch>): readonly number[]
  /**
   * The texts of all series, and for each id its place there: in the order of their bytes, unless the prefix of a family begins with
   * that of another one.
   */
  sort(): { texts: string[]; ranks: Uint32Array }
  /** Forgets all but the series. */
  clear(): void
}

type FamiliesByPrefix = Map<string, { readonly family: Family; readonly id: number }[]>

export function createFamilies(): Families {
  const dictionary: string[] = []
  const families: SlotFamily[] = []
  /** By the text form of a series: its id, and the family that it was met in first. */
  const owners = new Map<string, { readonly id: number; readonly family: SlotFamily }>()
  const byPrefix: FamiliesByPrefix = new Map()
  const translations = new Map<readonly Family[], number[]>()

  const intern = (text: string, family: SlotFamily): number => {
    const owner = owners.get(text)
    if (owner) {
      owner.family.isShared = true
      family.isShared = true
      return owner.id
    }
    owners.set(text, { id: dictionary.length, family })
    return dictionary.push(text) - 1
  }
  const add = ({ prefix, names }: Family): number => {
    const series = new Uint32Array(names.length)
    const family = { series, isShared: false }
    for (const [i, name] of names.entries()) series[i] = intern(prefix + name, family)
    return families.push(family) - 1
  }
  const idOf = (family: Family): number => {
    const alike = byPrefix.get(family.prefix) ?? []
    const known = alike.find((other) => isSame(other.family, family))
    if (known) return known.id
    const id = add(family)
    byPrefix.set(family.prefix, [...alike, { family, id }])
    return id
  }

  return {
    series: { dictionary, families },
    translate({ batch: { families: theirs, family }, from, to }) {
      const translation = translations.get(theirs) ?? []
      translations.set(theirs, translation)
      for (let i = from; i < to; i++) translation[family[i]] ??= idOf(theirs[family[i]])
      return translation
    },
    sort() {
      const ids = seriesInOrder(byPrefix, families)
      const ranks = new Uint32Array(dictionary.length)
      let rank = 0
      for (const id of ids) ranks[id] = rank++
      return { texts: Array.from(ids, (id) => dictionary[id]), ranks }
    },
    clear() {
      owners.clear()
      byPrefix.clear()
      translations.clear()
    },
  }
}

/** The ids of all series: by prefix, then name. */
function seriesInOrder(byPrefix: FamiliesByPrefix, families: readonly SlotFamily[]): Set<number> {
  const orderOf = createOrders()
  const ids = new Set<number>()
  for (const prefix of sortByBytes([...byPrefix.keys()])) {
    for (const { family, id } of byPrefix.get(prefix) ?? []) {
      for (const place of orderOf(family.names)) ids.add(families[id].series[place])
    }
  }
  return ids
}

/** The places of names in the order of their bytes; families of one type share their names. */
function createOrders() {
  const known = new WeakMap<readonly string[], number[]>()
  return (names: readonly string[]): readonly number[] => {
    const found = known.get(names) ?? names.map((_, i) => i).sort((a, b) => compareBytes(names[a], names[b]))
    known.set(names, found)
    return found
  }
}

const isSame = (a: Family, b: Family): boolean =>
  a.names.length === b.names.length && a.names.every((name, i) => name === b.names[i])
