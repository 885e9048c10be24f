import { once } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { type ArchiveFile, type FileEnd, readFile } from './file.ts'
import { type BatchMessage, createUnpacker, type FileTask, type ScanSettings } from './stream.ts'

/** One file being read: its batches in the order of its lines, and at last how it ended. */
export type FileReading = AsyncGenerator<ArchiveBatch, FileEnd>

/** Reads archive files. */
export interface ArchiveReader extends AsyncDisposable {
  /** Starts to read a file; several may be under way, and are to be used up in the order of their starts. */
  open(file: ArchiveFile, signal?: AbortSignal): FileReading
}

/** A reader that does everything in the calling thread. */
export function localReader(bucket: Bucket, shards: ReadonlySet<number>): ArchiveReader {
  const scanner = createScanner({ dictionary: createDictionary({ shards }) })
  return {
    open: (file, signal) => readFile(bucket, file, { scanner, signal }),
    async [Symbol.asyncDispose]() {},
  }
}

/** A reader that unpacks and scans files in `threads` threads, each a whole file at a time. */
export async function pooledReader(settings: ScanSettings, threads: number): Promise<ArchiveReader> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina<FileTask, FileEnd>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    workerData: settings,
  })
  const unpack = createUnpacker()

  return {
    open(file, signal) {
      const { port1, port2 } = new MessageChannel()
      const arrived: ArchiveBatch[] = []
      port1.on('message', (message: BatchMessage) => arrived.push(unpack(message)))
      const closed = once(port1, 'close')
      const end = pool.run({ file, port: port2 }, { transferList: [port2], signal })
      end.catch(() => port1.close())
      return receive(port1, arrived, { closed, end })
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** Yields batches as they arrive and tells the worker of each; the port is closed by whichever side ends first. */
async function* receive(
  port: MessagePort,
  arrived: ArchiveBatch[],
  { closed, end }: { closed: Promise<unknown>; end: Promise<FileEnd> },
): FileReading {
  let isOpen = true
  const closing = closed.then(() => {
    isOpen = false
  })
  while (isOpen || arrived.length > 0) {
    const batch = arrived.shift()
    if (batch) {
      port.postMessage('used')
      yield batch
    } else await Promise.race([closing, once(port, 'message')])
  }
  return end
}
