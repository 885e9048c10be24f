import { crc32 } from 'node:zlib'
import { bytesOfArray, withOneNaN } from '../util/memory.ts'
import { appearing, kept } from './content.ts'
import type { Column } from './table.ts'

/** A checksum of the rows of columns, whatever their encoding: a CRC-32 for each column. */
export const digestOf = (columns: readonly Column[]): string =>
  columns.map((column) => crcOf(column).toString(16)).join(' ')

function crcOf(column: Column): number {
  if (column.type === 'string') {
    const { texts, places } = appearing(column)
    return crc32(bytesOfArray(places), crc32(JSON.stringify(texts)))
  }
  if (column.type === 'bigint') return crc32(kept(column), crc32(column.present))
  return crc32(bytesOfArray(column.type === 'double' ? withOneNaN(column.values) : column.values))
}
