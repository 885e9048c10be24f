import type { ArchiveBatch, BatchCounts } from '../../archive/batch.ts'
import { defaultMargins, isSelected, type NameMargins, nameParser } from '../../archive/names.ts'
import type { Reject } from '../../archive/reject.ts'
import type { KernelName } from '../../archive/scan.ts'
import { allShards, type Shards } from '../../archive/shards.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { pointsOfLines } from '../../metric/lines.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import { selectPoints } from '../../metric/points.ts'
import { contains, type Time } from '../../time/range.ts'
import { UserError } from '../../util/errors.ts'
import type { Source } from '../source.ts'
import type { ArchiveFile, FileEnd } from './file.ts'
import { listArchive } from './list.ts'
import { localReader } from './local-reader.ts'
import type { FileReading } from './reader.ts'

export interface ArchiveSourceOptions {
  /** Where the files lie. */
  readonly bucket: Bucket
  readonly shards?: Shards
  /** How far outside a range the names of files are looked at. */
  readonly margins?: NameMargins
  /** See `nameParser`. */
  readonly namePattern?: string
  readonly kernel?: KernelName
  /** Told of what each part of a file has come to, in range or not. */
  readonly account?: (file: ArchiveFile, counts: BatchCounts, rejects: readonly Reject[]) => void
  /** Told of each file that could not be read whole; by default the first one ends reading. */
  readonly broken?: (file: ArchiveFile, reason: string) => void
}

/** An archive of raw files as a source of points, in canonical order of the files and their lines. */
export function archiveSource(options: ArchiveSourceOptions): Source {
  const { bucket, shards = allShards, margins = defaultMargins, kernel, account, broken = refuse } = options
  const parse = nameParser(options.namePattern)
  return {
    order: 'arrival',
    async *read(query, range, { signal } = {}) {
      const isMeant = seriesMatcher(query)
      const isWanted = (text: string, time: Time) => contains(range, time) && isMeant(text)
      const { files } = await listArchive(bucket, parse, { signal })
      await using reader = localReader(bucket, shards, { kernel })
      for (const file of files.filter((each) => isSelected(each, range, margins))) {
        signal?.throwIfAborted()
        const told = ({ broken: reason }: FileEnd) => reason !== undefined && broken(file, reason)
        for await (const { points, counts, rejects } of batchesOf(reader.open(file, signal), told)) {
          account?.(file, counts, rejects)
          const found = selectPoints(pointsOfLines(points), isWanted)
          if (found.length > 0) yield found
        }
      }
    },
  }
}

async function* batchesOf(reading: FileReading, ended: (end: FileEnd) => void): AsyncGenerator<ArchiveBatch> {
  ended(yield* reading)
}

function refuse({ name }: ArchiveFile, reason: string): never {
  throw new UserError(`archive file not read whole: ${name}: ${reason}`, { hint: 'mend it, or take it away' })
}
