import { crc32 } from 'node:zlib'
import type { Parts } from '../util/parts.ts'
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

/** The inverse of `tailBytes`; `start` is where the tail starts. */
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

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
