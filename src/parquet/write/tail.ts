import { crc32 } from 'node:zlib'
import { bytesOfArray } from '../../util/memory.ts'
import { type Directory, magic } from '../directory.ts'
import type { Table } from '../table.ts'
import { footerBytes, type RowGroup } from './footer.ts'

/**
 * What follows the row groups: our own directory (JSON), its length, a CRC-32 of directory, length and all behind the CRC;
 * then what Parquet asks for: footer, its length, magic. Other readers never see the directory.
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

const uint32 = (value: number): Buffer => bytesOfArray(Uint32Array.of(value))
