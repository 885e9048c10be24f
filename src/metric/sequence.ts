import { knownArranged } from './arrange.ts'
import { allocateRollups, cellNames, type RollupBatch } from './rollups.ts'
import { isPoints, type RowBatch } from './rows.ts'

/** Rows in canonical order that can be had again and again. */
export interface RowSequence<Batch extends RowBatch = RowBatch> {
  readonly length: number
  /** Points that the rows count. */
  readonly points: number
  /** In pieces of `size` rows but for the last, or all at once. A piece is good until the next one is asked for, or the rows are discarded. */
  pieces(size: number): Iterable<Batch>
  /** All rows at once, for good. */
  whole(): Batch
}

/** Rows that are at hand. */
export const sequenceOf = <Batch extends RowBatch>(rows: Batch): RowSequence<Batch> => ({
  length: rows.length,
  points: pointsOf(rows),
  pieces: () => [rows],
  whole: () => rows,
})

/** How many points rows count. */
export function pointsOf(rows: RowBatch): number {
  if (isPoints(rows)) return rows.length
  let points = 0
  for (let i = 0; i < rows.length; i++) points += rows.count[i]
  return points
}

/** Pieces of `length` rows in all, in canonical order, that share their dictionary, as one batch in memory of its own. */
export function joined(pieces: Iterable<RollupBatch>, length: number, dictionary: readonly string[]): RollupBatch {
  const rows = allocateRollups(length, dictionary)
  let at = 0
  for (const piece of pieces) {
    for (const name of ['series', ...cellNames] as const) rows[name].set(piece[name] as never, at)
    at += piece.length
  }
  return knownArranged(rows)
}
