import type { Family } from '../metric/lines.ts'
import { formatSeries } from '../metric/series.ts'
import { type Shards, shardCount, shardOf } from './shards.ts'
import { trim, trimEnd, trimStart } from './trim.ts'

/** Metrics that are measured at once: their locators are `prefix` (not blank) with each name behind it, trimmed. */
export interface Metrics {
  readonly prefix: string
  readonly names: readonly string[]
}

/** The family of those metrics whose shard is wanted. */
export interface Wanted {
  /** Its number; undefined where no metric is wanted. */
  readonly family: number | undefined
  /** 1 for each metric that is wanted; absent if all are. */
  readonly mask?: Uint8Array
}

/**
 * The families met so far, numbered. Numbers stay good until {@link Dictionary.renew}, which keeps memory bounded however many series
 * come and go; what was handed out before it stays as it is. A series may be in several families.
 */
export interface Dictionary {
  /** Families by number. Another array after each renewal. */
  readonly families: readonly Family[]
  /** Adds a family. */
  add(metrics: Metrics): Wanted
  /** Finds the family of the same metrics, or adds it. */
  find(metrics: Metrics): Wanted
  /** Starts anew if there are too many series. */
  renew(): void
}

export interface DictionaryOptions {
  readonly shards: Shards
  /** How many series are kept before the dictionary starts anew. */
  readonly maxSeries?: number
}

export function createDictionary({ shards, maxSeries = 1 << 18 }: DictionaryOptions): Dictionary {
  const known = new Map<string, Wanted>()
  const forms = new WeakMap<readonly string[], readonly string[]>()
  const maskOf = (prefix: string, names: readonly string[]): Uint8Array | undefined => {
    if (shards.size === shardCount) return undefined
    const mask = Uint8Array.from(names, (name) => (shards.has(shardOf(trim(prefix + name))) ? 1 : 0))
    return mask.includes(0) ? mask : undefined
  }
  let families: Family[] = []
  let met = 0

  /** Checks of one type share their names, and so do their families. */
  const formsOf = (names: readonly string[]): readonly string[] => {
    const found = forms.get(names) ?? names.map((name) => formOf(trimEnd(name)))
    forms.set(names, found)
    return found
  }
  const add = ({ prefix, names }: Metrics): Wanted => {
    met += names.length
    const mask = maskOf(prefix, names)
    if (mask ? !mask.includes(1) : names.length === 0) return { family: undefined, mask }
    const isMeant = (_: unknown, i: number) => mask?.[i] !== 0
    const texts = formsOf(names)
    const family = families.push({
      prefix: formOf(trimStart(prefix)),
      names: mask ? texts.filter(isMeant) : texts,
    })
    return { family: family - 1, mask }
  }

  return {
    get families() {
      return families
    },
    add,
    find(metrics) {
      const key = JSON.stringify([metrics.prefix, metrics.names])
      const found = known.get(key) ?? add(metrics)
      known.set(key, found)
      return found
    },
    renew() {
      if (met < maxSeries) return
      known.clear()
      families = []
      met = 0
    },
  }
}

const formOf = (name: string): string => formatSeries({ name, tags: [] })
