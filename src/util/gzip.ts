import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'

const deflate = promisify(deflateRaw) as (bytes: Uint8Array, options: object) => Promise<Uint8Array>

/** Magic, deflate, no flags, no time, unknown system. */
const header = Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
/** A final deflate block that holds nothing. */
const emptyBlock = Uint8Array.from([3, 0])
const blockSize = 512 * 1024

export interface GzipOptions {
  /** 1 (fast) to 9 (small). */
  readonly level?: number
  /** Blocks that are compressed at the same time. The bytes do not depend on it. */
  readonly parallel?: number
}

/**
 * Compresses bytes into one gzip member without a time, so that equal input gives equal bytes. Blocks of fixed size are deflated side by side on
 * the threads of Node's pool, each ended by a sync flush, as pigz does; at most `parallel` of them are in memory.
 */
export async function* gzip(
  pieces: AsyncIterable<Uint8Array>,
  { level = 3, parallel = 4 }: GzipOptions = {},
): AsyncIterable<Uint8Array> {
  yield header
  let checksum = 0
  let size = 0
  const running: Promise<Uint8Array>[] = []
  for await (const block of blocks(pieces)) {
    checksum = crc32(block, checksum)
    size += block.length
    const job = deflate(block, { level, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: blockSize })
    job.catch(() => {})
    running.push(job)
    if (running.length >= parallel) yield (await running.shift()) as Uint8Array
  }
  yield* running
  yield emptyBlock
  yield trailer(checksum, size)
}

async function* blocks(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(blockSize)
  let used = 0
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const part = piece.subarray(taken, taken + blockSize - used)
      block.set(part, used)
      used += part.length
      taken += part.length
      if (used < blockSize) continue
      yield block
      block = Buffer.allocUnsafeSlow(blockSize)
      used = 0
    }
  }
  if (used > 0) yield block.subarray(0, used)
}

function trailer(checksum: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(checksum, 0)
  bytes.writeUInt32LE(size % 2 ** 32, 4)
  return bytes
}
