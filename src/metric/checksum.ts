import { createHash, webcrypto } from 'node:crypto'
import { bytesOfArray, withOneNaN } from '../util/memory.ts'
import { Kind, type PointBatch } from './points.ts'
import { type RollupBatch, statistics } from './rollups.ts'
import { isPoints, type RowBatch } from './rows.ts'

/**
 * A digest of rows in canonical order (see `arrange`): equal exactly when the rows are equal bit by bit, NaNs of any payload being
 * equal. 32 hex digits of the SHA-256 of those of the columns, which threads of Node's own make.
 */
export async function checksum(rows: RowBatch): Promise<string> {
  const pieces = [...namePieces(rows), ...(isPoints(rows) ? pointPieces(rows) : rollupPieces(rows))]
  const digests = await Promise.all(pieces.map((piece) => webcrypto.subtle.digest('SHA-256', piece)))
  const hash = createHash('sha256')
  for (const digest of digests) hash.update(new Uint8Array(digest))
  return hash.digest('hex').slice(0, 32)
}

function namePieces({ length, dictionary }: RowBatch): Buffer[] {
  const sizes = bytesOfArray(Uint32Array.from(dictionary, (text) => text.length))
  return [Buffer.from(`${length} ${dictionary.length}`), sizes, Buffer.from(dictionary.join(''))]
}

/** Integers of any width are equal where their values are. */
function pointPieces({ series, time, value, kind, wide }: PointBatch): Buffer[] {
  const isDouble = kind.map((one) => Number(one === Kind.double))
  const doubles = withOneNaN(value.map((one, i) => (isDouble[i] ? one : 0)))
  const integers = BigInt64Array.from(value, (one, i) => (isDouble[i] ? 0n : (wide?.[i] ?? BigInt(one))))
  return [series, time, isDouble, doubles, integers].map(bytesOfArray)
}

function rollupPieces(rows: RollupBatch): Buffer[] {
  const { series, integer, meanInt, minInt, maxInt, time, count } = rows
  const doubles = statistics.map((name) => withOneNaN(rows[name]))
  return [series, integer, meanInt, minInt, maxInt, time, count, ...doubles].map(bytesOfArray)
}
