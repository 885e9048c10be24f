import type { NameParser } from '../archive/names.ts'
import type { Bucket } from '../bucket/bucket.ts'
import type { ArchiveFile } from '../source/archive/file.ts'
import type { Listing } from '../source/archive/list.ts'
import type { Range } from '../time/range.ts'

/** The files of a run and the slots that it is about. */
export interface Work {
  readonly bucket: Bucket
  readonly selected: readonly ArchiveFile[]
  /** Slot-aligned. */
  readonly range: Range
  /** The range as it was asked for or found. */
  readonly asked: Range
  /** Reads the names of the archive. */
  readonly parse: NameParser
  /** Lists the archive again. */
  list(): Promise<Listing>
}
