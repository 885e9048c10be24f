import { compareBytes } from '../util/bytes.ts'
import { forEach } from '../util/concurrency.ts'
import type { RowGroup } from './footer.ts'
import { type EncodedGroup, encodeGroup, groupsAtOnce } from './group.ts'
import { rowsOf, sliceColumn, type Table } from './table.ts'
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
  const uneven = table.columns.find((column) => rowsOf(column) !== table.length)
  if (uneven) throw new Error(`expected ${table.length} rows in column ${uneven.name}, got ${rowsOf(uneven)}`)
  const starts = Array.from({ length: Math.ceil(table.length / groupRows) }, (_, i) => i * groupRows)
  const encoded: EncodedGroup[] = []
  await forEach(starts.entries(), { limit: groupsAtOnce }, async ([i, from]) => {
    const to = Math.min(from + groupRows, table.length)
    encoded[i] = await encodeGroup(table.columns.map((column) => sliceColumn(column, from, to)))
  })
  const tail = tailBytes({ ...table, metadata: sortedByKey(table.metadata) }, placed(encoded))
  return { pieces: [magic, ...encoded.map(({ bytes }) => bytes), tail], digests: encoded.map(({ digest }) => digest) }
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
