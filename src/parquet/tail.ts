import { crc32 } from 'node:zlib'
import { footerBytes, type Page, type RowGroup } from './footer.ts'
import type { Column, Table } from './table.ts'

/** What `decodeParquet` goes by. The pages of a chunk are its dictionary, if there is one, and its rows. */
export interface Directory {
  readonly length: number
  readonly columns: readonly Pick<Column, 'name' | 'type'>[]
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly (readonly Page[])[] }[]
  readonly metadata: Readonly<Record<string, string>>
}

export const magic = Buffer.from('PAR1')

/**
 * What follows the row groups: our own directory (JSON), its length, a CRC-32 of directory, length and all behind the CRC;
 * then what Parquet asks for: footer, its length, magic. Other readers find all by the footer and never see the directory.
 */
export function tailBytes(table: Table, groups: readonly RowGroup[]): Uint8Array {
  const directory = Buffer.from(JSON.stringify(directoryOf(table, groups)))
  const footer = footerBytes(table, groups)
  const own = Buffer.concat([directory, uint32(directory.length)])
  const end = Buffer.concat([footer, uint32(footer.length), magic])
  return Buffer.concat([own, uint32(crc32(end, crc32(own))), end])
}

const directoryOf = ({ length, columns, metadata }: Table, groups: readonly RowGroup[]): Directory => ({
  length,
  columns: columns.map(({ name, type }) => ({ name, type })),
  groups: groups.map(({ rows, chunks }) => ({ rows, chunks: chunks.map(({ pages }) => pages) })),
  metadata,
})

/** The inverse of `tailBytes`, given a whole file; `start` is where the tail starts. */
export function readTail(bytes: Buffer): { directory: Directory; start: number } {
  if (!magic.equals(bytes.subarray(0, 4)) || !magic.equals(bytes.subarray(-4)))
    throw new Error('it has no magic number')
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  const start = footer - 8 - bytes.readUInt32LE(footer - 8)
  const crc = crc32(bytes.subarray(footer), crc32(bytes.subarray(Math.max(start, 0), footer - 4)))
  if (crc !== bytes.readUInt32LE(footer - 4)) throw new Error('the checksum of its end does not match')
  return { directory: JSON.parse(bytes.toString('utf8', start, footer - 8)), start }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
