import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner, type KernelName } from '../../archive/scan.ts'
import { fetchAhead } from '../../bucket/ahead.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { readFile } from './file.ts'
import type { ArchiveReader } from './reader.ts'

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
