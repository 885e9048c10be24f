import type { Column } from './table.ts'

/** What a file of Parquet starts and ends with. */
export const magic = Buffer.from('PAR1')

/**
 * The most rows of a row group: so every place in a dictionary has 16 bits, and a page stays in the cache while it is made and compressed.
 * A page of doubles that do not compress stays below 256 KiB: compressors double the memory for their result as it grows.
 */
export const groupRows = 32_000

/** How many row groups of a file are in work at once: while pages of one are compressed or unpacked, in threads of Node's own, those of others are made or compared. */
export const groupsAtOnce = 2

/** Bytes of a page's header, and of its body as stored and uncompressed; the CRC-32 of the header, and of the body as stored. */
export interface Page {
  readonly header: number
  readonly headerCrc: number
  readonly stored: number
  readonly size: number
  readonly crc: number
}

/** A digest of a row group, of the checksums of its columns. */
export const digestOf = (crcs: readonly number[]): string => crcs.map((crc) => crc.toString(16)).join(' ')

/** What our reader goes by; other readers find all by the footer. */
export interface Directory {
  readonly length: number
  readonly columns: readonly Pick<Column, 'name' | 'type'>[]
  /** A chunk is the pages of a column, which follow one another as chunks and groups do: its dictionary, if it has one, and its rows. */
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly (readonly Page[])[] }[]
  readonly metadata: Readonly<Record<string, string>>
}
