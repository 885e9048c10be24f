import { arrange, mergeRollups, selectRows } from '../../metric/arrange.ts'
import { arrangePoints, selectPoints } from '../../metric/arrange-points.ts'
import type { PointBatch } from '../../metric/points.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import type { RowFilter } from '../../metric/rows.ts'
import type { EncodedTable } from '../../parquet/encode.ts'
import { full, type Granularity } from '../../time/granularity.ts'
import type { RowBatch } from '../store.ts'
import { decodePoints, encodePoints } from './point-table.ts'
import { decodeRows, encodeRows } from './table.ts'

/** What a lake does with rows of one kind. Batches that it gives are in canonical order: by series (UTF-8 bytes), then time. */
export interface RowKind<Batch extends RowBatch = RowBatch> {
  arrange(parts: readonly Batch[]): Batch
  /** The same of parts in any order: of several rows of one series and time the one of the last part stays. */
  merge(parts: readonly Batch[]): Batch
  /** The rows of a batch in canonical order that `isWanted`. */
  select(batch: Batch, isWanted: RowFilter): Batch
  encode(rows: Batch, metadata: Readonly<Record<string, string>>): Promise<EncodedTable>
  /** Throws where the bytes are not what `encode` gave, to the last bit; `path` is for the message. */
  decode(bytes: Uint8Array, path: string): Promise<Batch>
}

const points: RowKind<PointBatch> = {
  arrange: arrangePoints,
  merge: arrangePoints,
  select: selectPoints,
  encode: encodePoints,
  decode: decodePoints,
}

const rollups: RowKind<RollupBatch> = {
  arrange,
  merge: mergeRollups,
  select: selectRows,
  encode: encodeRows,
  decode: decodeRows,
}

/** Points where the granularity is `full`, rollups elsewhere. */
export const rowKind = (granularity: Granularity): RowKind => (granularity === full ? points : rollups)
