import { arrayOf } from '../../util/array.ts'
import { compareBytes } from '../../util/bytes.ts'
import { digestOf, groupRows, groupsAtOnce, magic } from '../directory.ts'
import { type Column, cutTable, type Table, type TableRows } from '../table.ts'
import { loadZstd } from '../zstd.ts'
import { contentOf } from './content.ts'
import type { RowGroup } from './footer.ts'
import { type EncodedGroup, encodeGroup } from './group.ts'
import { tailBytes } from './tail.ts'

export interface EncodedTable {
  /** The file, in pieces to be written one after another. */
  readonly pieces: readonly Uint8Array[]
  /** What `verifyParquet` goes by: a checksum of the rows of each row group, taken before they were encoded. */
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
 * Tables one behind another, all with the same columns, as a Parquet file of row groups of up to 32,000 rows. The same tables give the
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
      const zstd = loadZstd()
      const inWork: Promise<EncodedGroup>[] = []
      yield new Uint8Array(magic)
      for await (const table of tables) {
        columns = table.columns
        length += table.length
        for (const part of cutTable(table, groupRows)) {
          const group = encodeGroup(part, zstd)
          // Its failure is met where it is waited for.
          group.catch(() => undefined)
          inWork.push(group)
          if (inWork.length === groupsAtOnce) yield place(await (inWork.shift() as Promise<EncodedGroup>))
        }
      }
      for (const group of inWork) yield place(await group)
      yield tailBytes({ length, columns, metadata: sortedByKey(metadata) }, groups)
    },
  }
}

const sortedByKey = (pairs: Table['metadata']) =>
  Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareBytes(a, b)))

/** The file of one table. */
export async function encodeParquet({ metadata, ...rows }: Table): Promise<EncodedTable> {
  const encoder = parquetEncoder(metadata)
  return { pieces: await arrayOf(encoder.encode([rows])), digests: encoder.digests }
}

/** The digests that {@link encodeParquet} gives of the same rows. */
export const digestTable = (table: TableRows): string[] =>
  cutTable(table, groupRows).map((columns) => digestOf(columns.map((column) => contentOf(column).crc)))
