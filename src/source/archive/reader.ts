import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner, type KernelName } from '../../archive/scan.ts'
import { fetchAhead } from '../../bucket/ahead.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { type ArchiveFile, type FileEnd, readFile } from './file.ts'
import type { ScanSettings } from './stream.ts'
import { startThread } from './thread.ts'

/** One file being read: its batches in the order of its lines, and at last how it ended. */
export type FileReading = AsyncGenerator<ArchiveBatch, FileEnd>

/** Reads archive files. */
export interface ArchiveReader extends AsyncDisposable {
  /** Starts to read a file; several may be under way, and are to be used up in the order of their starts. */
  open(file: ArchiveFile, signal?: AbortSignal): FileReading
}

/** A reader that does everything in the calling thread. With `isAhead`, files that were opened come in while others are read. */
export function localReader(
  bucket: Bucket,
  shards: ReadonlySet<number>,
  { isAhead = false, kernel }: { isAhead?: boolean; kernel?: KernelName } = {},
): ArchiveReader {
  const scanner = createScanner({ kernel, dictionary: createDictionary({ shards }) })
  const ended = new AbortController()
  return {
    open(file, signal) {
      const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
      return readFile(isAhead ? fetchAhead(bucket, file.name, stop) : bucket, file, { scanner, signal: stop })
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
    },
  }
}

/** A reader that unpacks and scans files in some threads, each a whole file at a time. */
export function pooledReader(settings: ScanSettings, count: number): ArchiveReader {
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
