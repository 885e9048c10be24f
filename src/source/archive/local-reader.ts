import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner, type KernelName } from '../../archive/scan.ts'
import { fetchAhead } from '../../bucket/ahead.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { type ArchiveFile, readFile, unpackFile } from './file.ts'
import type { ArchiveReader, FileReading } from './reader.ts'

/** A reader that does everything in the calling thread. With `isAhead`, files that were opened come in while others are read. */
export function localReader(
  bucket: Bucket,
  shards: ReadonlySet<number>,
  { isAhead = false, kernel }: { isAhead?: boolean; kernel?: KernelName } = {},
): ArchiveReader {
  const scanner = createScanner({ kernel, dictionary: createDictionary({ shards }) })
  const ended = new AbortController()
  async function* readLater(source: Bucket, file: ArchiveFile, signal: AbortSignal): FileReading {
    return yield* readFile(unpackFile(source, file, signal), { scanner, signal })
  }
  return {
    open(file, signal) {
      const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
      return readLater(isAhead ? fetchAhead(bucket, file.name, stop) : bucket, file, stop)
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
    },
  }
}
