import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { createDictionary } from '../../archive/dictionary.ts'
import { createScanner } from '../../archive/scan.ts'
import { fetchAhead } from '../../bucket/ahead.ts'
import { openBucket } from '../../bucket/open.ts'
import { turnstile } from '../../util/concurrency.ts'
import { createBlocks } from './blocks.ts'
import { type ArchiveFile, type FileEnd, readFile, unpackFile } from './file.ts'
import { createPacker, credit, type Reply, type Request, type ScanSettings } from './stream.ts'

const { location, access, isAhead, shards, kernel }: ScanSettings = workerData
const bucket = openBucket(location, access)
const blocks = createBlocks()
const pack = createPacker(blocks)
const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: new Set(shards) }) })
/** One file is unpacked while another is scanned. */
const twoAtOnce = turnstile(2)
const oneByOne = turnstile(1)
const port = parentPort as NonNullable<typeof parentPort>
/** How many batches have been used, of each file that is being read. */
const used = new Map<number, number>()
const usedOf = (id: number): number => used.get(id) ?? 0
const reply = (message: Reply) => port.postMessage(message)

port.on('message', (request: Request) => {
  if (request.kind === 'read') return void read(request)
  const { id, block } = request
  blocks.free(block)
  if (used.has(id)) used.set(id, usedOf(id) + 1)
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
  used.set(id, 0)
  let next = await batches.next()
  for (let sent = 0; !next.done; next = await batches.next()) {
    while (sent - usedOf(id) >= credit) await once(port, 'message')
    sent++
    reply({ kind: 'batch', id, message: pack(next.value) })
  }
  used.delete(id)
  reply({ kind: 'end', id, size, end: next.value })
}
