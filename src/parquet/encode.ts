import { crc32 } from 'node:zlib'
import { compareBytes } from '../util/bytes.ts'
import { type Content, contentOf } from './content.ts'
import { Encoding } from './encodings.ts'
import type { Chunk, Page, RowGroup } from './footer.ts'
import { type Column, sliceColumn, type Table } from './table.ts'
import { magic, tailBytes } from './tail.ts'
import { type Struct, thriftBytes } from './thrift.ts'
import { loadZstd } from './zstd.ts'

// So every index into a dictionary has 16 bits, and a page stays in the cache while it is made and compressed.
const groupRows = 65_536

/**
 * A table as a Parquet file, in pieces to be written one after another. Row groups have up to 65,536 rows; a column of one
 * is a page with its CRC, Zstandard and statistics. The same table gives the same bytes on the same version of Node.
 * Throws on columns of different lengths, on malformed Unicode and on integers that are not safe.
 */
export async function encodeParquet(table: Table): Promise<Uint8Array[]> {
  const uneven = table.columns.find((column) => rowsOf(column) !== table.length)
  if (uneven) throw new Error(`expected ${table.length} rows in column ${uneven.name}, got ${rowsOf(uneven)}`)
  const zstd = await loadZstd()
  const pieces: Uint8Array[] = [magic]
  let end = magic.length
  const writePage = (body: Uint8Array, kind: Struct): Page => {
    const stored = zstd.compress(body)
    const crc = crc32(stored)
    const header = thriftBytes({ ...kind, 2: body.length, 3: stored.length, 4: crc | 0 })
    pieces.push(header, stored)
    end += header.length + stored.length
    return { header: header.length, stored: stored.length, size: body.length, crc }
  }
  const writeChunk = ({ dictionary, body, ...content }: Content, rows: number): Chunk => {
    const offset = end
    const pages = dictionary ? [writePage(dictionary.body, dictionaryKind(dictionary.entries))] : []
    pages.push(writePage(body, dataKind(rows, content.encoding)))
    return { ...content, offset, pages }
  }
  const groups: RowGroup[] = []
  for (let from = 0; from < table.length; from += groupRows) {
    const rows = Math.min(groupRows, table.length - from)
    const chunks = table.columns.map((column) => writeChunk(contentOf(sliceColumn(column, from, from + rows)), rows))
    groups.push({ rows, chunks })
  }
  return [...pieces, tailBytes({ ...table, metadata: sortedByKey(table.metadata) }, groups)]
}

const rowsOf = (column: Column) => (column.type === 'string' ? column.index : column.values).length
const sortedByKey = (pairs: Table['metadata']) =>
  Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareBytes(a, b)))
const dictionaryKind = (entries: number): Struct => ({ 1: 2, 7: { 1: entries, 2: Encoding.plain } })
const dataKind = (rows: number, encoding: number): Struct => ({
  1: 0,
  5: { 1: rows, 2: encoding, 3: Encoding.rle, 4: Encoding.rle },
})
