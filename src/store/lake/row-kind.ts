import { arrange, mergeRollups, selectRows } from '../../metric/arrange.ts'
import { arrangePoints, selectArranged } from '../../metric/arrange-points.ts'
import type { PointBatch } from '../../metric/points.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import type { RowFilter } from '../../metric/rows.ts'
import type { TableRows } from '../../parquet/table.ts'
import { full, type Granularity } from '../../time/granularity.ts'
import type { RowBatch } from '../store.ts'
import { decodePoints, tableOfPoints } from './point-table.ts'
import { decodeRows, tableOfRows } from './table.ts'

/** What a lake does with rows of one kind. Batches that it gives are in canonical order: by series (UTF-8 bytes), then time. */
export interface RowKind<Batch extends RowBatch = RowBatch> {
  arrange(parts: readonly Batch[]): Batch
  /** The same of parts in any order: of several rows of one series and time the one of the last part stays. */
  merge(parts: readonly Batch[]): Batch
  /** The rows of a batch in canonical order that `isWanted`. */
  select(batch: Batch, isWanted: RowFilter): Batch
  /** The table that stands in a file. */
  table(rows: Batch): TableRows
  /** Throws where the bytes are not a file of such a table, to the last bit; `path` is for the message. */
  decode(bytes: Uint8Array, path: string): Promise<Batch>
}

const points: RowKind<PointBatch> = {
  arrange: arrangePoints,
  merge: arrangePoints,
  select: selectArranged,
  table: tableOfPoints,
  decode: decodePoints,
}

const rollups: RowKind<RollupBatch> = {
  arrange,
  merge: mergeRollups,
  select: selectRows,
  table: tableOfRows,
  decode: decodeRows,
}

/** Points where the granularity is `full`, rollups elsewhere. */
export const rowKind = (granularity: Granularity): RowKind => (granularity === full ? points : rollups)
