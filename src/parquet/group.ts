import { crc32 } from 'node:zlib'
import { release } from '../util/release.ts'
import { type Content, contentOf } from './content.ts'
import { crcOfPages } from './digest.ts'
import { Encoding } from './encodings.ts'
import type { Chunk, Page, RowGroup } from './footer.ts'
import type { ColumnReader } from './reader.ts'
import { type Column, rowsOf } from './table.ts'
import { type Struct, thriftBytes } from './thrift.ts'
import { loadZstd, type Zstd } from './zstd.ts'

/** Up to 65,536 rows as they stand in a file. */
export interface EncodedGroup {
  readonly bytes: Uint8Array
  /** Its offsets count from the start of the bytes. */
  readonly group: RowGroup
  /** Checksums of the columns, taken before they were encoded. */
  readonly digest: string
}

/** A row group of a file: its pages, column by column, which follow one another in `bytes`, and what may lie behind them. */
export interface StoredGroup {
  readonly bytes: Uint8Array
  readonly chunks: readonly (readonly Page[])[]
}

/** How many row groups of a file are in work at once: while pages of one are compressed, in threads of Node's own, those of others are made. */
export const groupsAtOnce = 4

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
  return {
    bytes: Buffer.concat(pieces),
    group: { rows, chunks },
    digest: joined(stored.map(({ content }) => content.crc)),
  }
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

const joined = (crcs: readonly number[]): string => crcs.map((crc) => crc.toString(16)).join(' ')

/** What {@link EncodedGroup} has as the digest of columns. Throws as `encodeGroup` does. */
export const digestColumns = (columns: readonly Column[]): string =>
  joined(columns.map((column) => contentOf(column).crc))

/** Decodes a row group into the rows `[from, to)` of columns. Throws where a page is not what was written. */
export async function readGroup(
  stored: StoredGroup,
  { readers, from, to }: { readers: readonly ColumnReader[]; from: number; to: number },
  zstd: Zstd,
): Promise<void> {
  for (const [i, pages] of (await readPages(stored, zstd)).entries()) readers[i].read(pages, from, to)
}

/** Reads the pages of each column. */
async function readPages({ bytes, chunks }: StoredGroup, zstd: Zstd): Promise<Uint8Array[][]> {
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

/** Bytes of the pages of a row group. */
export const sizeOf = (chunks: StoredGroup['chunks']): number =>
  chunks.flat().reduce((sum, { header, stored }) => sum + header + stored, 0)

/** Decodes a row group. Resolves to the digest of its columns. */
export async function digestGroup(
  stored: StoredGroup,
  columns: readonly Pick<Column, 'type'>[],
  rows: number,
): Promise<string> {
  const pages = await readPages(stored, await loadZstd())
  return joined(columns.map(({ type }, i) => crcOfPages(type, pages[i], rows)))
}
