import type { ArchiveBatch } from '../../archive/batch.ts'
import type { KernelName } from '../../archive/scan.ts'
import type { BucketAccess } from '../../bucket/open.ts'
import { isRemote } from '../../util/location.ts'
import type { ArchiveFile, FileEnd } from './file.ts'
import type { ScanSettings } from './stream.ts'
import { startThread } from './thread.ts'

/** One file being read: its batches in the order of its lines, each good until the next one is asked for, and at last how it ended. */
export type FileReading = AsyncGenerator<ArchiveBatch, FileEnd>

/** Reads archive files. */
export interface ArchiveReader extends AsyncDisposable {
  /** Starts to read a file; several may be under way, and are to be used up in the order of their starts. */
  open(file: ArchiveFile, signal?: AbortSignal): FileReading
}

export interface ReaderOptions {
  /** Where the files lie; see `openBucket`. */
  readonly from: string
  readonly access?: BucketAccess
  readonly shards: ReadonlySet<number>
  readonly kernel: KernelName
  /** Threads that unpack and scan; 0 does it in the calling one. */
  readonly workers: number
}

/** Threads start at once: they are ready by the time that the calling one knows what there is to read. */
export async function openReader({
  from,
  access = {},
  shards,
  kernel,
  workers,
}: ReaderOptions): Promise<ArchiveReader> {
  const isAhead = isRemote(from)
  if (workers > 0) {
    const settings = { location: from, access: shareOf(access, workers), isAhead, shards: [...shards], kernel }
    return pooledReader(settings, workers)
  }
  const [{ localReader }, { openBucket }] = await Promise.all([
    import('./local-reader.ts'),
    import('../../bucket/open.ts'),
  ])
  return localReader(openBucket(from, access), shards, { isAhead, kernel })
}

/** Limits for each of some threads that together keep those of all. */
const shareOf = (access: BucketAccess, threads: number): BucketAccess => ({
  ...access,
  bytesPerSecond: access.bytesPerSecond && access.bytesPerSecond / threads,
  maxRequestsPerSecond: access.maxRequestsPerSecond && access.maxRequestsPerSecond / threads,
})

/** A reader that unpacks and scans files in some threads, each a whole file at a time. */
function pooledReader(settings: ScanSettings, count: number): ArchiveReader {
  const threads = Array.from({ length: count }, () => startThread(settings))
  return {
    // A thread reads its files in the order in which they are used up, so that none waits for one behind it.
    open: (file, signal) =>
      threads.reduce((least, other) => (other.load < least.load ? other : least)).read(file, signal),
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread.stop()))
    },
  }
}
