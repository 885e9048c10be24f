import { errorMessage, UserError } from '../../util/errors.ts'
import { bytesOfArray } from '../../util/memory.ts'
import { partsOf } from '../../util/parts.ts'
import { magic } from '../directory.ts'
import type { Table } from '../table.ts'
import { columnReader } from './column.ts'
import { readPages, sizeOf } from './group.ts'
import { readTail } from './tail.ts'

/**
 * The table that `encodeParquet` wrote, with the texts of a dictionary in order of appearance, each once. Checksums cover
 * every byte. Throws a `UserError` for a damaged file and for any file of another writer.
 */
export async function decodeParquet(bytes: Uint8Array): Promise<Table> {
  try {
    return await readTable(bytesOfArray(bytes))
  } catch (cause) {
    throw new UserError(`damaged, or not a Parquet file of retrofill: ${errorMessage(cause)}`, { cause })
  }
}

async function readTable(bytes: Buffer): Promise<Table> {
  const { directory, start } = await readTail(partsOf(bytes))
  const { length, columns, groups, metadata } = directory
  const readers = columns.map((column) => columnReader(column, length))
  let at = magic.length
  let row = 0
  for (const { rows, chunks } of groups) {
    const pages = await readPages(bytes.subarray(at), chunks)
    for (const [i, reader] of readers.entries()) reader.read(pages[i], row, row + rows)
    at += sizeOf(chunks)
    row += rows
  }
  if (at !== start) throw new Error(`its pages end at byte ${at}, not at ${start}`)
  return { length, columns: readers.map(({ column }) => column), metadata }
}
