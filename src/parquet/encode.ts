import { compareBytes } from '../util/bytes.ts'
import type { RowGroup } from './footer.ts'
import { digestColumns, type EncodedGroup, encodeGroup, groupsAtOnce } from './group.ts'
import { type Column, rowsOf, sliceColumn, type Table, type TableRows } from './table.ts'
import { magic, tailBytes } from './tail.ts'
import { loadZstd } from './zstd.ts'

/** The most rows of a group: so every index into a dictionary has 16 bits, and a page stays in the cache while it is made and compressed. */
export const groupRows = 32_768

export interface EncodedTable {
  /** The file, in pieces to be written one after another. */
  readonly pieces: readonly Uint8Array[]
  /** What {@link verifyParquet} goes by: a checksum of the rows of each row group, taken before they were encoded. */
  readonly digests: readonly string[]
}

/** Encodes the row groups of one file. */
export interface Encoder {
  /** The file, in pieces to be written one after another, each in memory of its own. A table is not looked at any more once the next one is asked for. */
  encode(tables: Iterable<TableRows> | AsyncIterable<TableRows>): AsyncGenerator<Uint8Array, void>
  /** See {@link EncodedTable}; of what has been encoded so far. */
  readonly digests: readonly string[]
  /** Rows that have been encoded. */
  readonly length: number
}

/**
 * Tables one behind another, all with the same columns, as a Parquet file of row groups of up to 32,768 rows. The same tables give the
 * same bytes on the same version of Node. Throws on columns of different lengths, on malformed Unicode and on integers that are not safe.
 */
export function parquetEncoder(metadata: Table['metadata']): Encoder {
  const digests: string[] = []
  const groups: RowGroup[] = []
  let columns: readonly Column[] = []
  let length = 0
  let end = magic.length
  const place = ({ bytes, group, digest }: EncodedGroup): Uint8Array => {
    const { rows, chunks } = group
    const start = end
    groups.push({ rows, chunks: chunks.map((chunk) => ({ ...chunk, offset: chunk.offset + start })) })
    digests.push(digest)
    end += bytes.length
    return bytes
  }

  return {
    digests,
    get length() {
      return length
    },
    async *encode(tables) {
      const zstd = await loadZstd()
      const inWork: Promise<EncodedGroup>[] = []
      yield new Uint8Array(magic)
      for await (const table of tables) {
        columns = table.columns
        length += table.length
        for (const part of groupsOf(table)) {
          inWork.push(begin(encodeGroup(part, zstd)))
          if (inWork.length === groupsAtOnce) yield place(await (inWork.shift() as Promise<EncodedGroup>))
        }
      }
      for (const group of inWork) yield place(await group)
      yield tailBytes({ length, columns, metadata: sortedByKey(metadata) }, groups)
    },
  }
}

/** Its failure is met where it is waited for. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined)
  return work
}

/** The file of one table. */
export async function encodeParquet({ metadata, ...rows }: Table): Promise<EncodedTable> {
  const encoder = parquetEncoder(metadata)
  const pieces: Uint8Array[] = []
  for await (const piece of encoder.encode([rows])) pieces.push(piece)
  return { pieces, digests: encoder.digests }
}

/** The digests that {@link encodeParquet} gives of the same rows. */
export const digestTable = (table: TableRows): string[] => groupsOf(table).map(digestColumns)

/** The columns of each row group. */
function groupsOf({ length, columns }: TableRows): Column[][] {
  const uneven = columns.find((column) => rowsOf(column) !== length)
  if (uneven) throw new Error(`expected ${length} rows in column ${uneven.name}, got ${rowsOf(uneven)}`)
  return Array.from({ length: Math.ceil(length / groupRows) }, (_, i) => {
    const [from, to] = [i * groupRows, Math.min((i + 1) * groupRows, length)]
    return columns.map((column) => sliceColumn(column, from, to))
  })
}

const sortedByKey = (pairs: Table['metadata']) =>
  Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareBytes(a, b)))
