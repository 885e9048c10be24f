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
  const hash = newHash()
  for (const piece of piecesOf(rows)) hash.update(piece)
  return digestOf(hash)
}

/** The same, with a pause between its steps, of some milliseconds each, in which other work goes on. */
export async function checksumWithPauses(rows: RowBatch, pause: () => Promise<unknown>): Promise<string> {
  const hash = newHash()
  for (const piece of piecesOf(rows)) {
    hash.update(piece)
    await pause()
  }
  return digestOf(hash)
}

const newHash = () => createHash('blake2b512')
const digestOf = (hash: Hash): string => hash.digest('hex').slice(0, 32)

function* piecesOf(rows: RowBatch): Generator<Buffer | string> {
  yield `${rows.length} ${rows.dictionary.length}\n`
  yield bytesOfArray(Uint32Array.from(rows.dictionary, (text) => text.length))
  yield rows.dictionary.join('')
  yield* isPoints(rows) ? pointPieces(rows) : rollupPieces(rows)
}

/** Integers of any width are equal where their values are. */
function* pointPieces({ series, time, value, kind, wide }: PointBatch): Generator<Buffer> {
  const isDouble = kind.map((one) => Number(one === Kind.double))
  const doubles = withOneNaN(value.map((one, i) => (isDouble[i] ? one : 0)))
  const integers = BigInt64Array.from(value, (one, i) => (isDouble[i] ? 0n : (wide?.[i] ?? BigInt(one))))
  for (const column of [series, time, isDouble, doubles, integers]) yield bytesOfArray(column)
}

function* rollupPieces(rows: RollupBatch): Generator<Buffer> {
  const { series, integer, meanInt, minInt, maxInt, time, count } = rows
  for (const column of [series, integer, meanInt, minInt, maxInt, time, count]) yield bytesOfArray(column)
  for (const name of statistics) yield bytesOfArray(withOneNaN(rows[name]))
}
