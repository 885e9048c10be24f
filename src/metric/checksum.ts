import { createHash, type Hash } from 'node:crypto'
import { bytesOfArray, withOneNaN } from '../util/memory.ts'
import { Kind, type PointBatch } from './points.ts'
import { type RollupBatch, statistics } from './rollups.ts'
import { isPoints, type RowBatch } from './rows.ts'

/**
 * A digest of rows in canonical order (see `arrange`): equal exactly when the rows are equal bit by bit, NaNs of any payload being
 * equal. 32 hex digits of BLAKE2b, which is quick without special instructions.
 */
export function checksum(rows: RowBatch): string {
  const hash = createHash('blake2b512')
  hash.update(`${rows.length} ${rows.dictionary.length}\n`)
  hash.update(Uint32Array.from(rows.dictionary, (text) => text.length)).update(rows.dictionary.join(''))
  if (isPoints(rows)) addPoints(hash, rows)
  else addRollups(hash, rows)
  return hash.digest('hex').slice(0, 32)
}

/** Integers of any width are equal where their values are. */
function addPoints(hash: Hash, { series, time, value, kind, wide }: PointBatch): void {
  const isDouble = kind.map((one) => Number(one === Kind.double))
  const doubles = withOneNaN(value.map((one, i) => (isDouble[i] ? one : 0)))
  const integers = BigInt64Array.from(value, (one, i) => (isDouble[i] ? 0n : (wide?.[i] ?? BigInt(one))))
  for (const column of [series, time, isDouble, doubles, integers]) hash.update(bytesOfArray(column))
}

function addRollups(hash: Hash, rows: RollupBatch): void {
  for (const column of [rows.series, rows.integer, rows.meanInt, rows.minInt, rows.maxInt])
    hash.update(bytesOfArray(column))
  hash.update(bytesOfArray(rows.time)).update(bytesOfArray(rows.count))
  for (const name of statistics) hash.update(bytesOfArray(withOneNaN(rows[name])))
}
