import type { Family, LineBatch } from '../metric/lines.ts'
import type { SlotFamily, SlotSeries, Stretch } from '../rollup/slot.ts'

/** The families of a chunk, whose lines come from several threads that number them each in their own way. */
export interface Families {
  readonly series: SlotSeries
  /** The ids here of the ids of a batch's families; those of the lines of a stretch are among them. */
  translate(stretch: Stretch<LineBatch>): readonly number[]
  /** Forgets what only {@link Families.translate} needs. */
  clear(): void
}

export function createFamilies(): Families {
  const dictionary: string[] = []
  const families: SlotFamily[] = []
  /** By the text form of a series: its id, and the family that it was met in first. */
  const owners = new Map<string, { readonly id: number; readonly family: SlotFamily }>()
  const byPrefix = new Map<string, { readonly family: Family; readonly id: number }[]>()
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
    clear() {
      owners.clear()
      byPrefix.clear()
      translations.clear()
    },
  }
}

const isSame = (a: Family, b: Family): boolean =>
  a.names.length === b.names.length && a.names.every((name, i) => name === b.names[i])
