import { forEach } from '../util/concurrency.ts'
import type { EncodedTable } from './encode.ts'
import { digestGroup, groupsAtOnce, sizeOf } from './group.ts'
import { magic, readTail } from './tail.ts'

/** Decodes a file that has been read back. Resolves to whether all of its rows are those that were encoded. */
export async function verifyParquet(bytes: Uint8Array, digests: EncodedTable['digests']): Promise<boolean> {
  try {
    const { directory, start } = readTail(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    const { columns, groups } = directory
    let at = magic.length
    const stored = groups.map(({ rows, chunks }) => {
      const start = at
      at += sizeOf(chunks)
      return { bytes: bytes.subarray(start, at), chunks, rows }
    })
    const found: string[] = []
    await forEach(stored.entries(), { limit: groupsAtOnce }, async ([i, { rows, ...group }]) => {
      found[i] = await digestGroup(group, columns, rows)
    })
    return at === start && found.length === digests.length && found.every((one, i) => one === digests[i])
  } catch {
    return false
  }
}
