import { forEach } from '../util/concurrency.ts'
import type { Parts } from '../util/parts.ts'
import { release } from '../util/release.ts'
import type { EncodedTable } from './encode.ts'
import { digestGroup, groupsAtOnce, sizeOf } from './group.ts'
import { magic, readTail } from './tail.ts'

/** Reads a file back, group by group, and decodes it. Resolves to whether all of its rows are those that were encoded. */
export async function verifyParquet(file: Parts, digests: EncodedTable['digests']): Promise<boolean> {
  try {
    const { directory, start } = await readTail(file)
    const { columns, groups } = directory
    let end = magic.length
    const places = groups.map((group) => {
      const from = end
      end += sizeOf(group.chunks)
      return { ...group, from, to: end }
    })
    const found: string[] = []
    await forEach(places.entries(), { limit: groupsAtOnce }, async ([i, { chunks, rows, from, to }]) => {
      const bytes = await file.read(from, to)
      found[i] = await digestGroup({ bytes, chunks }, columns, rows)
      release(bytes)
    })
    return end === start && found.length === digests.length && found.every((one, i) => one === digests[i])
  } catch {
    return false
  }
}
