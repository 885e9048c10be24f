import { errorMessage, UserError } from '../util/errors.ts'
import { bytesOfArray } from '../util/memory.ts'
import { partsOf } from '../util/parts.ts'
import { readGroup, sizeOf } from './group.ts'
import { readerOf } from './reader.ts'
import type { Table } from './table.ts'
import { magic, readTail } from './tail.ts'
import { loadZstd, type Zstd } from './zstd.ts'

/**
 * The table that `encodeParquet` wrote, with the texts of a dictionary in order of appearance, each once. Checksums cover
 * every byte. Throws a `UserError` for a damaged file and for any file of another writer.
 */
export async function decodeParquet(bytes: Uint8Array): Promise<Table> {
  const zstd = await loadZstd()
  try {
    return await readTable(bytesOfArray(bytes), zstd)
  } catch (cause) {
    throw new UserError(`damaged, or not a Parquet file of retrofill: ${errorMessage(cause)}`, { cause })
  }
}

async function readTable(bytes: Buffer, zstd: Zstd): Promise<Table> {
  const { directory, start } = await readTail(partsOf(bytes))
  const { length, columns, groups, metadata } = directory
  const readers = columns.map((column) => readerOf(column, length))
  let at = magic.length
  let row = 0
  for (const { rows, chunks } of groups) {
    await readGroup({ bytes: bytes.subarray(at), chunks }, { readers, from: row, to: row + rows }, zstd)
    at += sizeOf(chunks)
    row += rows
  }
  if (at !== start) throw new Error(`its pages end at byte ${at}, not at ${start}`)
  return { length, columns: readers.map(({ column }) => column), metadata }
}
