import { crc32 } from 'node:zlib'
import { release } from '../../util/release.ts'
import { digestOf, type Page } from '../directory.ts'
import { Encoding } from '../encodings.ts'
import { type Column, rowsOf } from '../table.ts'
import { type Struct, thriftBytes } from '../thrift.ts'
import type { Zstd } from '../zstd.ts'
import { type Content, contentOf } from './content.ts'
import type { Chunk, RowGroup } from './footer.ts'

/** Up to 65,536 rows as they stand in a file. */
export interface EncodedGroup {
  readonly bytes: Uint8Array
  /** Its offsets count from the start of the bytes. */
  readonly group: RowGroup
  /** Checksums of the columns, taken before they were encoded. */
  readonly digest: string
}

/**
 * Encodes rows: a column is a page with its CRC, Zstandard and statistics. Columns are not looked at any more once it has returned.
 * Throws on malformed Unicode and on integers that are not safe.
 */
export async function encodeGroup(columns: readonly Column[], zstd: Zstd): Promise<EncodedGroup> {
  const rows = rowsOf(columns[0])
  const stored = await Promise.all(columns.map((column) => storeColumn(contentOf(column), rows, zstd)))
  const pieces: Uint8Array[] = []
  const chunks: Chunk[] = []
  let end = 0
  for (const { content, pages } of stored) {
    chunks.push({ ...content, offset: end, pages: pages.map(({ page }) => page) })
    for (const { header, body } of pages) {
      pieces.push(header, body)
      end += header.length + body.length
    }
  }
  const digest = digestOf(stored.map(({ content }) => content.crc))
  return { bytes: Buffer.concat(pieces), group: { rows, chunks }, digest }
}

async function storeColumn({ dictionary, body, ...content }: Content, rows: number, zstd: Zstd) {
  const pages = dictionary ? [storePage(dictionary.body, dictionaryKind(dictionary.entries), zstd)] : []
  pages.push(storePage(body, dataKind(rows, content.encoding), zstd))
  return { content, pages: await Promise.all(pages) }
}

interface StoredPage {
  readonly page: Page
  readonly header: Uint8Array
  readonly body: Uint8Array
}

async function storePage(body: Uint8Array, kind: Struct, zstd: Zstd): Promise<StoredPage> {
  // Copied: the next column is made where it stands, and that memory may move.
  const copy = new Uint8Array(body)
  const size = copy.length
  const stored = await zstd.compress(copy)
  release(copy)
  const crc = crc32(stored)
  const header = thriftBytes({ ...kind, 2: size, 3: stored.length, 4: crc | 0 })
  const page = { header: header.length, headerCrc: crc32(header), stored: stored.length, size, crc }
  return { page, header, body: stored }
}

const dictionaryKind = (entries: number): Struct => ({ 1: 2, 7: { 1: entries, 2: Encoding.plain } })
const dataKind = (rows: number, encoding: number): Struct => ({
  1: 0,
  5: { 1: rows, 2: encoding, 3: Encoding.rle, 4: Encoding.rle },
})
