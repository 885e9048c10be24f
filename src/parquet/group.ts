import { crc32 } from 'node:zlib'
import { type Content, contentOf } from './content.ts'
import { digestOf } from './digest.ts'
import { Encoding } from './encodings.ts'
import type { Chunk, Page, RowGroup } from './footer.ts'
import { type ColumnReader, readerOf } from './reader.ts'
import { type Column, rowsOf } from './table.ts'
import { type Struct, thriftBytes } from './thrift.ts'
import { loadZstd, type Zstd } from './zstd.ts'

/** Up to 65,536 rows as they stand in a file. */
export interface EncodedGroup {
  readonly bytes: Uint8Array
  /** Its offsets count from the start of the bytes. */
  readonly group: RowGroup
  /** The {@link digestOf} the columns that were encoded. */
  readonly digest: string
}

/** A row group of a file: its pages, column by column, which follow one another in `bytes`, and what may lie behind them. */
export interface StoredGroup {
  readonly bytes: Uint8Array
  readonly chunks: readonly (readonly Page[])[]
}

/** Encodes rows: a column is a page with its CRC, Zstandard and statistics. Throws on malformed Unicode and on integers that are not safe. */
export async function encodeGroup(columns: readonly Column[]): Promise<EncodedGroup> {
  const zstd = await loadZstd()
  const rows = rowsOf(columns[0])
  const pieces: Uint8Array[] = []
  let end = 0
  const writePage = (body: Uint8Array, kind: Struct): Page => {
    const stored = zstd.compress(body)
    const crc = crc32(stored)
    const header = thriftBytes({ ...kind, 2: body.length, 3: stored.length, 4: crc | 0 })
    pieces.push(header, stored)
    end += header.length + stored.length
    return { header: header.length, stored: stored.length, size: body.length, crc }
  }
  const writeChunk = ({ dictionary, body, ...content }: Content): Chunk => {
    const offset = end
    const pages = dictionary ? [writePage(dictionary.body, dictionaryKind(dictionary.entries))] : []
    pages.push(writePage(body, dataKind(rows, content.encoding)))
    return { ...content, offset, pages }
  }
  const chunks = columns.map((column) => writeChunk(contentOf(column)))
  return { bytes: Buffer.concat(pieces), group: { rows, chunks }, digest: digestOf(columns) }
}

const dictionaryKind = (entries: number): Struct => ({ 1: 2, 7: { 1: entries, 2: Encoding.plain } })
const dataKind = (rows: number, encoding: number): Struct => ({
  1: 0,
  5: { 1: rows, 2: encoding, 3: Encoding.rle, 4: Encoding.rle },
})

/** Decodes a row group into the rows `[from, to)` of columns. Returns its size. Throws where a page is not what was written. */
export function readGroup(
  { bytes, chunks }: StoredGroup,
  { readers, from, to }: { readers: readonly ColumnReader[]; from: number; to: number },
  zstd: Zstd,
): number {
  let at = 0
  const readPage = ({ header, stored, size, crc }: Page): Uint8Array => {
    const body = bytes.subarray(at + header, at + header + stored)
    if (crc32(body) !== crc) throw new Error(`the checksum of a page of ${stored} bytes does not match`)
    at += header + stored
    return zstd.decompress(body, size)
  }
  for (const [i, pages] of chunks.entries()) readers[i].read(pages.map(readPage), from, to)
  return at
}

/** Decodes a row group. Resolves to the digest of its columns. */
export async function digestGroup(
  stored: StoredGroup,
  columns: readonly Pick<Column, 'name' | 'type'>[],
  rows: number,
): Promise<string> {
  const readers = columns.map((column) => readerOf(column, rows))
  readGroup(stored, { readers, from: 0, to: rows }, await loadZstd())
  return digestOf(readers.map(({ column }) => column))
}
