import { forEach } from '../../util/concurrency.ts'
import type { Parts } from '../../util/parts.ts'
import { release } from '../../util/release.ts'
import { digestOf, groupsAtOnce, magic } from '../directory.ts'
import { readPages, sizeOf } from './group.ts'
import { readTail } from './tail.ts'
import { crcOfPages } from './values.ts'

/** Reads a file back, group by group, and decodes it. Resolves to whether all of its rows are those whose digests an encoder gave. */
export async function verifyParquet(file: Parts, digests: readonly string[]): Promise<boolean> {
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
      const pages = await readPages(bytes, chunks)
      found[i] = digestOf(columns.map(({ type }, column) => crcOfPages(type, pages[column], rows)))
      release(bytes)
    })
    return end === start && found.length === digests.length && found.every((one, i) => one === digests[i])
  } catch {
    return false
  }
}
