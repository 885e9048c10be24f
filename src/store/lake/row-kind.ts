import { arrange, selectRows } from '../../metric/arrange.ts'
import { arrangePoints, selectPoints } from '../../metric/arrange-points.ts'
import type { PointBatch } from '../../metric/points.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import type { EncodedTable } from '../../parquet/encode.ts'
import type { GroupWork } from '../../parquet/group-work.ts'
import { full, type Granularity } from '../../time/granularity.ts'
import type { Time } from '../../time/range.ts'
import type { RowBatch } from '../store.ts'
import { decodePoints, encodePoints } from './point-table.ts'
import { decodeRows, encodeRows } from './table.ts'

/** What a lake does with rows of one kind. Batches that it gives are in canonical order: by series (UTF-8 bytes), then time. */
export interface RowKind<Batch extends RowBatch = RowBatch> {
  arrange(parts: readonly Batch[]): Batch
  /** The rows of a batch in canonical order that `isWanted`. */
  select(batch: Batch, isWanted: (text: string, time: Time) => boolean): Batch
  encode(rows: Batch, metadata: Readonly<Record<string, string>>, work?: GroupWork): Promise<EncodedTable>
  /** Throws where the bytes are not what `encode` gave, to the last bit; `path` is for the message. */
  decode(bytes: Uint8Array, path: string): Promise<Batch>
}

const points: RowKind<PointBatch> = {
  arrange: arrangePoints,
  select: selectPoints,
  encode: encodePoints,
  decode: decodePoints,
}

const rollups: RowKind<RollupBatch> = { arrange, select: selectRows, encode: encodeRows, decode: decodeRows }

/** Points where the granularity is `full`, rollups elsewhere. */
export const rowKind = (granularity: Granularity): RowKind => (granularity === full ? points : rollups)
