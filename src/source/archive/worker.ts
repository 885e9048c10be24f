import { once } from 'node:events'
import { threadId } from 'node:worker_threads'
import { workerData } from 'piscina'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import { directoryBucket } from '../../bucket/directory.ts'
import { type FileEnd, readFile } from './file.ts'
import { createPacker, credit, type FileTask, type ScanSettings } from './stream.ts'

const { directory, shards }: ScanSettings = workerData
const bucket = directoryBucket(directory)
const scanner = createScanner({ dictionary: createDictionary({ shards: new Set(shards) }) })
const pack = createPacker(threadId)

/** Reads one file and sends its batches to the port, no more than a few ahead of their reader. */
export default async function read({ file, port }: FileTask): Promise<FileEnd> {
  let underWay = 0
  port.on('message', () => underWay--)
  const batches = readFile(bucket, file, { scanner })
  let next = await batches.next()
  for (; !next.done; next = await batches.next()) {
    while (underWay >= credit) await once(port, 'message')
    underWay++
    port.postMessage(pack(next.value), buffersOf(next.value))
  }
  port.close()
  return next.value
}

function buffersOf({ points }: ArchiveBatch): ArrayBuffer[] {
  const { series, time, value, kind, line, wide } = points
  const columns = wide ? [series, time, value, kind, line, wide] : [series, time, value, kind, line]
  return columns.map((column) => column.buffer as ArrayBuffer)
}
