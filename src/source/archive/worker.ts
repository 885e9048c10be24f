import { once } from 'node:events'
import { threadId } from 'node:worker_threads'
import { workerData } from 'piscina'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import { directoryBucket } from '../../bucket/directory.ts'
import { turnstile } from '../../util/concurrency.ts'
import { readFile } from './file.ts'
import { createPacker, credit, type FileResult, type FileTask, type ScanSettings } from './stream.ts'

const { directory, shards }: ScanSettings = workerData
const bucket = directoryBucket(directory)
const { createList, pack } = createPacker(threadId)
const scanner = createScanner({ dictionary: createDictionary({ shards: new Set(shards), createList }) })

/** A thread has its next file at hand, but reads one after another. */
const inTurn = turnstile(1)

/** Reads one file and sends its batches to the port, no more than a few ahead of their reader. */
export default (task: FileTask): Promise<FileResult> => inTurn(() => read(task))

async function read({ file, port }: FileTask): Promise<FileResult> {
  let sent = 0
  let used = 0
  port.on('message', () => used++)
  const batches = readFile(bucket, file, { scanner })
  let next = await batches.next()
  for (; !next.done; next = await batches.next()) {
    while (sent - used >= credit) await once(port, 'message')
    sent++
    // Copied: once a buffer has been given away, V8 throws optimised code away and checks every access from then on.
    port.postMessage(pack(next.value))
  }
  return { end: next.value, batches: sent }
}
