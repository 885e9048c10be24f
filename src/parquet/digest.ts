import { crc32 } from 'node:zlib'
import { appearing, kept, withOneNaN } from './content.ts'
import type { Column } from './table.ts'

/** A checksum of the rows of columns, whatever their encoding: a CRC-32 for each column. */
export const digestOf = (columns: readonly Column[]): string =>
  columns.map((column) => crcOf(column).toString(16)).join(' ')

function crcOf(column: Column): number {
  if (column.type === 'string') {
    const { texts, places } = appearing(column)
    return crc32(bytesOf(places), crc32(JSON.stringify(texts)))
  }
  if (column.type === 'bigint') return crc32(bytesOf(kept(column)), crc32(column.present))
  return crc32(bytesOf(column.type === 'double' ? withOneNaN(column.values) : column.values))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
