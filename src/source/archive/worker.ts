import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import { fetchAhead } from '../../bucket/ahead.ts'
import { openBucket } from '../../bucket/open.ts'
import { turnstile } from '../../util/concurrency.ts'
import { type ArchiveFile, type FileEnd, readFile, unpackFile } from './file.ts'
import { createPacker, credit, type Reply, type Request, type ScanSettings } from './stream.ts'

const { location, access, isAhead, shards, kernel }: ScanSettings = workerData
const bucket = openBucket(location, access)
const pack = createPacker()
const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: new Set(shards) }) })
/** One file is unpacked while another is scanned. */
const twoAtOnce = turnstile(2)
const oneByOne = turnstile(1)
const port = parentPort as NonNullable<typeof parentPort>
const taken = new Map<number, number>()
const reply = (message: Reply) => port.postMessage(message)

port.on('message', (request: Request) => {
  if (request.kind === 'taken') taken.set(request.id, (taken.get(request.id) ?? 0) + 1)
  else void read(request)
})

/** Reads one file as soon as those asked for before it are read; its bytes may come meanwhile. */
function read({ id, file }: Request & { kind: 'read' }): Promise<void> {
  const source = isAhead ? fetchAhead(bucket, file.name) : bucket
  return twoAtOnce(() => {
    const unpacked = unpackFile(source, file)
    return oneByOne(() => tell(id, file, readFile(unpacked, { scanner })))
  })
}

async function tell(id: number, { size }: ArchiveFile, batches: AsyncGenerator<ArchiveBatch, FileEnd>): Promise<void> {
  let next = await batches.next()
  for (let sent = 0; !next.done; next = await batches.next()) {
    while (sent - (taken.get(id) ?? 0) >= credit) await once(port, 'message')
    sent++
    // Copied: once a buffer has been given away, V8 throws optimised code away and checks every access from then on.
    reply({ kind: 'batch', id, message: pack(next.value) })
  }
  taken.delete(id)
  reply({ kind: 'end', id, size, end: next.value })
}
