import { formatSeries } from '../metric/series.ts'
import { type Shards, shardCount, shardOf } from './shards.ts'

/** The id of series whose shard is not wanted. */
export const outOfShard = -1

/**
 * The series met so far, numbered. Ids stay good until {@link Dictionary.renew}, which keeps memory bounded however many series
 * come and go; what was handed out before it stays as it is.
 */
export interface Dictionary {
  /** Text forms by id. Another array after each renewal. */
  readonly texts: readonly string[]
  /** The number of a locator, or {@link outOfShard}. */
  idOf(locator: string): number
  /** Starts anew if there are too many series. */
  renew(): void
}

export interface DictionaryOptions {
  readonly shards: Shards
  /** How many series are kept before the dictionary starts anew. */
  readonly maxSeries?: number
}

export function createDictionary({ shards, maxSeries = 1 << 18 }: DictionaryOptions): Dictionary {
  const ids = new Map<string, number>()
  const wanted = (locator: string) => shards.size === shardCount || shards.has(shardOf(locator))
  let texts: string[] = []

  function add(locator: string): number {
    const id = wanted(locator) ? texts.push(formatSeries({ name: locator, tags: [] })) - 1 : outOfShard
    ids.set(locator, id)
    return id
  }

  return {
    get texts() {
      return texts
    },
    idOf: (locator) => ids.get(locator) ?? add(locator),
    renew() {
      if (ids.size < maxSeries) return
      ids.clear()
      texts = []
    },
  }
}
