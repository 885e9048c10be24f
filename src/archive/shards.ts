import { hash } from 'node:crypto'
import { usageError } from '../util/errors.ts'

/** How many shards Blueflood spreads its locators over. */
export const shardCount = 128

/** The shards that are wanted, in ascending order. */
export type Shards = ReadonlySet<number>

export const allShards: Shards = new Set(Array(shardCount).keys())

/** The shard of a locator (not of its escaped form): the last byte of the MD5 of its UTF-8 bytes, modulo 128. */
export const shardOf = (locator: string): number => hash('md5', locator, 'buffer')[15] % shardCount

/** Reads `ALL`, `NONE`, or numbers and ranges such as `0-15,40`, each from 0 to 127. */
export function parseShards(text: string): Shards {
  if (/^\s*all\s*$/i.test(text)) return allShards
  if (/^\s*none\s*$/i.test(text)) return new Set()
  const wanted = text.split(',').flatMap((piece) => {
    const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(piece.trim()) ?? []
    const [first, last] = [Number(from), Number(to)]
    if (!(first <= last && last < shardCount))
      throw usageError(
        `invalid shards: expected ALL, NONE or a list such as 0-15,40 of 0 to ${shardCount - 1}, got ${text}`,
      )
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return new Set(wanted.sort((a, b) => a - b))
}

/** The shortest text that {@link parseShards} reads as these shards. */
export function formatShards(shards: Shards): string {
  if (shards.size === shardCount) return 'ALL'
  if (shards.size === 0) return 'NONE'
  const runs: [first: number, last: number][] = []
  for (const shard of shards) {
    const run = runs.at(-1)
    if (run && run[1] === shard - 1) run[1] = shard
    else runs.push([shard, shard])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
