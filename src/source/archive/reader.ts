import { once } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { type ArchiveFile, type FileEnd, readFile } from './file.ts'
import { type BatchMessage, createUnpacker, type FileResult, type FileTask } from './stream.ts'

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

/** A reader that has files unpacked and scanned in other threads, each a whole file at a time; `run` gives one of them a task. */
export function pooledReader(run: (task: FileTask, signal?: AbortSignal) => Promise<FileResult>): ArchiveReader {
  const unpack = createUnpacker()
  const ports = new Set<MessagePort>()

  return {
    open(file, signal) {
      const { port1, port2 } = new MessageChannel()
      ports.add(port1)
      port1.on('close', () => ports.delete(port1))
      const arrived: ArchiveBatch[] = []
      port1.on('message', (message: BatchMessage) => arrived.push(unpack(message)))
      const result = run({ file, port: port2 }, signal)
      // Its failure is met where the reading is used up, which may be later.
      result.catch(() => undefined)
      return receive(port1, arrived, result)
    },
    async [Symbol.asyncDispose]() {
      // The port of a file that nobody has begun to use up would keep the process alive.
      for (const port of ports) port.close()
    },
  }
}

/** Yields batches as they arrive, and tells the worker of each that has been taken. */
async function* receive(port: MessagePort, arrived: ArchiveBatch[], result: Promise<FileResult>): FileReading {
  let expected = Number.POSITIVE_INFINITY
  const ended = result.then(({ batches }) => {
    expected = batches
  })
  // Its failure may come while a batch is in use; it is met when the next one is asked for.
  ended.catch(() => undefined)
  try {
    for (let taken = 0; taken < expected; ) {
      const batch = arrived.shift()
      if (batch) {
        taken++
        port.postMessage('taken')
        yield batch
      } else
        await (expected === Number.POSITIVE_INFINITY
          ? Promise.race([ended, once(port, 'message')])
          : once(port, 'message'))
    }
    return (await result).end
  } finally {
    port.close()
  }
}
