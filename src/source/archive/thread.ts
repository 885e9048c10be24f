import { Worker } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { type Inbox, inbox } from '../../util/inbox.ts'
import type { ArchiveFile, FileEnd } from './file.ts'
import type { FileReading } from './reader.ts'
import { createUnpacker, type Reply, type Request, type ScanSettings } from './stream.ts'

interface Arrived {
  readonly batch: ArchiveBatch
  readonly block: number
}

interface Ended {
  readonly end: FileEnd
}

/** A thread that reads files, in the order in which it is asked to. */
export interface ReadingThread {
  /** Compressed bytes of the files that are not read to their end yet. */
  readonly load: number
  read(file: ArchiveFile, signal?: AbortSignal): FileReading
  stop(): Promise<unknown>
}

// V8 lets the young objects of a thread that lives long take up 48 MB before it looks at them; nearly all are garbage much earlier.
const resourceLimits = { maxYoungGenerationSizeMb: 6 }

export function startThread(settings: ScanSettings): ReadingThread {
  const unpack = createUnpacker()
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: settings, resourceLimits })
  const readings = new Map<number, Inbox<Arrived | Ended>>()
  const ask = (request: Request) => worker.postMessage(request)
  let asked = 0
  let load = 0
  let death: { readonly error: unknown } | undefined

  worker.on('message', (reply: Reply) => {
    const reading = readings.get(reply.id)
    if (reply.kind === 'batch') reading?.put({ batch: unpack(reply.message), block: reply.message.columns.block })
    else {
      readings.delete(reply.id)
      load -= reply.size
      reading?.put({ end: reply.end })
    }
  })
  worker.on('error', (error) => {
    death = { error }
    for (const reading of readings.values()) reading.fail(error)
  })

  async function* receive(id: number, reading: Inbox<Arrived | Ended>, signal?: AbortSignal): FileReading {
    const interrupt = () => reading.fail(signal?.reason)
    signal?.addEventListener('abort', interrupt)
    try {
      for (;;) {
        signal?.throwIfAborted()
        const next = await reading.take()
        if ('end' in next) return next.end
        yield next.batch
        ask({ kind: 'used', id, block: next.block })
      }
    } finally {
      signal?.removeEventListener('abort', interrupt)
    }
  }

  return {
    get load() {
      return load
    },
    read(file, signal) {
      const id = asked++
      const reading = inbox<Arrived | Ended>()
      readings.set(id, reading)
      load += file.size
      // Nobody else would answer.
      if (death) reading.fail(death.error)
      ask({ kind: 'read', id, file })
      return receive(id, reading, signal)
    },
    stop: () => worker.terminate(),
  }
}
