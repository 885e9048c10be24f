import { crc32 } from 'node:zlib'
import type { Page } from '../directory.ts'
import { loadZstd } from '../zstd.ts'

type Pages = readonly (readonly Page[])[]

/** Bytes of the pages of a row group. */
export const sizeOf = (chunks: Pages): number =>
  chunks.flat().reduce((sum, { header, stored }) => sum + header + stored, 0)

/** The bodies of the pages of each column, which follow one another in `bytes`, uncompressed. Throws where one is not what was written. */
export async function readPages(bytes: Uint8Array, chunks: Pages): Promise<Uint8Array[][]> {
  const zstd = loadZstd()
  let at = 0
  const readPage = async ({ header, headerCrc, stored, size, crc }: Page): Promise<Uint8Array> => {
    const [start, end] = [at + header, at + header + stored]
    const body = bytes.subarray(start, end)
    // Other engines go by it.
    if (crc32(bytes.subarray(at, start)) !== headerCrc)
      throw new Error('the checksum of the header of a page does not match')
    at = end
    if (crc32(body) !== crc) throw new Error(`the checksum of a page of ${stored} bytes does not match`)
    return zstd.decompress(body, size)
  }
  return Promise.all(chunks.map((pages) => Promise.all(pages.map(readPage))))
}
