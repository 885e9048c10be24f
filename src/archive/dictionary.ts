import { formatSeries } from '../metric/series.ts'
import { type Shards, shardCount, shardOf } from './shards.ts'
import { trim, trimEnd, trimStart } from './trim.ts'

/** The id of series whose shard is not wanted. */
export const outOfShard = -1

/** Series with ids that follow one another: their text forms are `prefix` with each of `names` behind it. */
export interface Family {
  readonly prefix: string
  readonly names: readonly string[]
}

/** Where families go as they are numbered, from 0 on. */
export interface FamilyList {
  /** Text forms by id; empty if they are kept elsewhere. */
  readonly texts: readonly string[]
  add(family: Family): void
}

/**
 * The series met so far, numbered. Ids stay good until {@link Dictionary.renew}, which keeps memory bounded however many series
 * come and go; what was handed out before it stays as it is. A series may have several ids.
 */
export interface Dictionary {
  /** Text forms by id. Another array after each renewal. */
  readonly texts: readonly string[]
  /** The number of a locator, or {@link outOfShard}. */
  idOf(locator: string): number
  /** New numbers, or {@link outOfShard}, of the locators that are `prefix` (not blank) with each name behind it, trimmed. */
  idsOf(prefix: string, names: readonly string[]): Int32Array
  /** Starts anew if there are too many series. */
  renew(): void
}

export interface DictionaryOptions {
  readonly shards: Shards
  /** How many series are kept before the dictionary starts anew. */
  readonly maxSeries?: number
  /** Makes the list for what is numbered until the dictionary starts anew. */
  readonly createList?: () => FamilyList
}

export function createDictionary({
  shards,
  maxSeries = 1 << 18,
  createList = textList,
}: DictionaryOptions): Dictionary {
  const ids = new Map<string, number>()
  const forms = new Map<readonly string[], string[]>()
  const isWanted = (locator: string) => shards.size === shardCount || shards.has(shardOf(locator))
  let list = createList()
  let length = 0
  let met = 0

  function add(locator: string): number {
    const id = isWanted(locator) ? length++ : outOfShard
    if (id !== outOfShard) list.add({ prefix: '', names: [formOf(locator)] })
    ids.set(locator, id)
    met++
    return id
  }
  const formsOf = (names: readonly string[]): string[] => {
    const known = forms.get(names) ?? names.map((name) => formOf(trimEnd(name)))
    forms.set(names, known)
    return known
  }

  return {
    get texts() {
      return list.texts
    },
    idOf: (locator) => ids.get(locator) ?? add(locator),
    idsOf(prefix, names) {
      const found = new Int32Array(names.length)
      for (let i = 0; i < names.length; i++) {
        found[i] = shards.size === shardCount || isWanted(trim(prefix + names[i])) ? length++ : outOfShard
      }
      const all = formsOf(names)
      const wanted = shards.size === shardCount ? all : all.filter((_, i) => found[i] !== outOfShard)
      list.add({ prefix: formOf(trimStart(prefix)), names: wanted })
      met += names.length
      return found
    },
    renew() {
      if (met < maxSeries) return
      ids.clear()
      forms.clear()
      list = createList()
      length = 0
      met = 0
    },
  }
}

const formOf = (locator: string): string => formatSeries({ name: locator, tags: [] })

/** The text forms of a family. */
export const textsOf = ({ prefix, names }: Family): string[] => names.map((name) => prefix + name)

/** A list that makes the text forms at once. */
export function textList(toTexts: (family: Family) => readonly string[] = textsOf): FamilyList {
  const texts: string[] = []
  return {
    texts,
    add(family) {
      for (const text of toTexts(family)) texts.push(text)
    },
  }
}
