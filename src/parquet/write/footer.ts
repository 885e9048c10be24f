import type { Page } from '../directory.ts'
import { Encoding } from '../encodings.ts'
import type { Column, Table } from '../table.ts'
import { type Struct, thriftBytes } from '../thrift.ts'
import type { Content } from './content.ts'

export interface RowGroup {
  readonly rows: number
  readonly chunks: readonly Chunk[]
}

/** A column's part of a row group. Its pages follow one another from `offset`: the dictionary, if there is one, and the rows. */
export interface Chunk extends Pick<Content, 'encoding' | 'nulls' | 'extremes'> {
  readonly offset: number
  readonly pages: readonly Page[]
}

// Field ids and constants: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const schema = {
  string: { 1: 6, 3: 0, 6: 0, 10: { 1: {} } },
  timestamp: { 1: 2, 3: 0, 6: 10, 10: { 8: { 1: true, 2: { 2: {} } } } },
  integer: { 1: 2, 3: 0 },
  bigint: { 1: 2, 3: 1 },
  double: { 1: 5, 3: 0 },
} as const satisfies Record<Column['type'], Struct>
const zstdCodec = 6

/** What other readers go by. */
export const footerBytes = ({ length, columns, metadata }: Table, groups: readonly RowGroup[]): Uint8Array =>
  thriftBytes({
    1: 2,
    2: [{ 4: 'schema', 5: columns.length }, ...columns.map(({ name, type }) => ({ ...schema[type], 4: name }))],
    3: BigInt(length),
    4: groups.map(({ rows, chunks }) => ({
      1: chunks.map((chunk, i) => ({ 2: 0n, 3: chunkMetadata(chunk, rows, columns[i]) })),
      2: BigInt(uncompressed(chunks.flatMap(({ pages }) => pages))),
      3: BigInt(rows),
    })),
    5: Object.entries(metadata).map(([key, value]) => ({ 1: key, 2: value })),
    6: 'retrofill',
    7: columns.map(() => ({ 1: {} })),
  })

function chunkMetadata(chunk: Chunk, rows: number, { name, type }: Column): Struct {
  const { offset, pages, encoding, nulls = 0, extremes } = chunk
  const dictionary = pages.slice(0, -1)
  return {
    1: schema[type][1],
    2: [...new Set([Encoding.rle, dictionary.length > 0 ? Encoding.plain : encoding, encoding])],
    3: [name],
    4: zstdCodec,
    5: BigInt(rows),
    6: BigInt(uncompressed(pages)),
    7: BigInt(stored(pages)),
    9: BigInt(offset + stored(dictionary)),
    11: dictionary.length > 0 ? BigInt(offset) : undefined,
    12: { 3: BigInt(nulls), 5: extremes?.max, 6: extremes?.min },
  }
}

const stored = (pages: readonly Page[]) => pages.reduce((sum, page) => sum + page.header + page.stored, 0)
const uncompressed = (pages: readonly Page[]) => pages.reduce((sum, page) => sum + page.header + page.size, 0)
