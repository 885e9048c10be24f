import { crc32 } from 'node:zlib'
import type { Parts } from '../../util/parts.ts'
import { type Directory, magic } from '../directory.ts'

/** Reads what follows the row groups, as `write/tail.ts` has made it; `start` is where it starts. Throws where it is anything else. */
export async function readTail(file: Parts): Promise<{ directory: Directory; start: number }> {
  const end = await file.read(file.size - 8, file.size)
  if (!magic.equals(await file.read(0, 4)) || !magic.equals(end.subarray(4))) throw new Error('it has no magic number')
  const footer = file.size - 8 - end.readUInt32LE(0)
  const behind = await file.read(footer - 8, file.size)
  const start = footer - 8 - behind.readUInt32LE(0)
  const own = await file.read(start, footer - 4)
  if (crc32(behind.subarray(8), crc32(own)) !== behind.readUInt32LE(4))
    throw new Error('the checksum of its end does not match')
  return { directory: JSON.parse(own.toString('utf8', 0, own.length - 4)), start }
}
