import { digestGroup, type EncodedGroup, encodeGroup, type StoredGroup } from './group.ts'
import type { Column } from './table.ts'

/** What there is to do for each row group; it may be done in other threads. */
export interface GroupWork {
  /** {@link encodeGroup} */
  encode(columns: readonly Column[]): Promise<EncodedGroup>
  /** {@link digestGroup} */
  digest(stored: StoredGroup, columns: readonly Pick<Column, 'name' | 'type'>[], rows: number): Promise<string>
}

/** How many row groups of a file are in work at once. */
export const atOnce = 4

/** Does it in the calling thread. */
export const ownThread: GroupWork = { encode: encodeGroup, digest: digestGroup }
