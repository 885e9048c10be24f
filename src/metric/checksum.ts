import { createHash, type Hash } from 'node:crypto'
import { Kind, type PointBatch } from './points.ts'
import { type RollupBatch, statistics } from './rollups.ts'
import { isPoints, type RowBatch } from './rows.ts'

/**
 * A digest of rows in canonical order (see `arrange`): equal exactly when the rows are equal bit by bit, NaNs of any payload being
 * equal. 32 hex digits of SHA-512/256.
 */
export function checksum(rows: RowBatch): string {
  const hash = createHash('sha512-256')
  hash.update(`${rows.length} ${rows.dictionary.length}\n`)
  hash.update(rows.dictionary.map((text) => JSON.stringify(text)).join('\n'))
  if (isPoints(rows)) addPoints(hash, rows)
  else addRollups(hash, rows)
  return hash.digest('hex').slice(0, 32)
}

/** Integers of any width are equal where their values are. */
function addPoints(hash: Hash, { series, time, value, kind, wide }: PointBatch): void {
  const isDouble = kind.map((one) => Number(one === Kind.double))
  const doubles = withCanonicalNaN(value.map((one, i) => (isDouble[i] ? one : 0)))
  const integers = BigInt64Array.from(value, (one, i) => (isDouble[i] ? 0n : (wide?.[i] ?? BigInt(one))))
  for (const column of [series, time, isDouble, doubles, integers]) hash.update(bytesOf(column))
}

function addRollups(hash: Hash, rows: RollupBatch): void {
  for (const column of [rows.series, rows.integer, rows.meanInt, rows.minInt, rows.maxInt]) hash.update(bytesOf(column))
  hash.update(bytesOf(rows.time)).update(bytesOf(rows.count))
  for (const name of statistics) hash.update(bytesOf(withCanonicalNaN(rows[name])))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

function withCanonicalNaN(values: Float64Array): Float64Array {
  if (!values.includes(Number.NaN)) return values
  const copy = values.slice()
  const words = new Uint32Array(copy.buffer)
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue
    words[2 * i] = 0
    words[2 * i + 1] = 0x7ff8_0000
  }
  return copy
}
