import { compareBytes } from '../util/bytes.ts'
import { forEach } from '../util/concurrency.ts'
import type { RowGroup } from './footer.ts'
import { digestColumns, type EncodedGroup, encodeGroup, groupsAtOnce } from './group.ts'
import { type Column, rowsOf, sliceColumn, type Table } from './table.ts'
import { magic, tailBytes } from './tail.ts'

// So every index into a dictionary has 16 bits, and a page stays in the cache while it is made and compressed.
const groupRows = 32_768

export interface EncodedTable {
  /** The file, in pieces to be written one after another. */
  readonly pieces: readonly Uint8Array[]
  /** What {@link verifyParquet} goes by: a checksum of the rows of each row group, taken before they were encoded. */
  readonly digests: readonly string[]
}

/**
 * A table as a Parquet file of row groups of up to 32,768 rows. The same table gives the same bytes on the same version of Node.
 * Throws on columns of different lengths, on malformed Unicode and on integers that are not safe.
 */
export async function encodeParquet(table: Table): Promise<EncodedTable> {
  const encoded: EncodedGroup[] = []
  await forEach(groupsOf(table).entries(), { limit: groupsAtOnce }, async ([i, columns]) => {
    encoded[i] = await encodeGroup(columns)
  })
  const tail = tailBytes({ ...table, metadata: sortedByKey(table.metadata) }, placed(encoded))
  return { pieces: [magic, ...encoded.map(({ bytes }) => bytes), tail], digests: encoded.map(({ digest }) => digest) }
}

/** The digests that {@link encodeParquet} gives of the same rows. */
export const digestTable = (table: Pick<Table, 'length' | 'columns'>): string[] => groupsOf(table).map(digestColumns)

/** The columns of each row group. */
function groupsOf({ length, columns }: Pick<Table, 'length' | 'columns'>): Column[][] {
  const uneven = columns.find((column) => rowsOf(column) !== length)
  if (uneven) throw new Error(`expected ${length} rows in column ${uneven.name}, got ${rowsOf(uneven)}`)
  return Array.from({ length: Math.ceil(length / groupRows) }, (_, i) => {
    const [from, to] = [i * groupRows, Math.min((i + 1) * groupRows, length)]
    return columns.map((column) => sliceColumn(column, from, to))
  })
}

/** The groups one behind another. */
function placed(encoded: readonly EncodedGroup[]): RowGroup[] {
  let start = magic.length
  return encoded.map(({ bytes, group: { rows, chunks } }) => {
    const offset = start
    start += bytes.length
    return { rows, chunks: chunks.map((chunk) => ({ ...chunk, offset: chunk.offset + offset })) }
  })
}

const sortedByKey = (pairs: Table['metadata']) =>
  Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => compareBytes(a, b)))
