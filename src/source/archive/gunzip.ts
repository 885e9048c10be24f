import { once } from 'node:events'
import { createGunzip } from 'node:zlib'
import { errorCode } from '../../util/errors.ts'
import { release } from '../../util/release.ts'

// The default of 16 KiB makes gunzip five times as slow.
const chunkSize = 1 << 20

/** Sizes of the pieces in which bytes are handed over from about where a fault was met, one for each attempt. */
const stepSizes = [Number.POSITIVE_INFINITY, 512, 1]

/**
 * Unpacks gzip data of one or more members. Where it breaks it yields all that comes before, and throws. Node drops what it has
 * unpacked from the piece in which it meets a fault: so the data is then unpacked once more, in smaller pieces from there on.
 * Each piece but the last has a buffer of its own.
 * @param open gives the packed bytes from the start, each time that it is called
 */
export async function* gunzip(open: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let yielded = 0
  let sound = Number.POSITIVE_INFINITY
  for (const step of stepSizes) {
    const unpacker = createGunzip({ chunkSize })
    try {
      for await (const piece of behind(yielded, unpack(cut(open(), sound, step), unpacker))) {
        yielded += piece.length
        yield piece
      }
      return
    } catch (error) {
      if (step === 1 || errorCode(error) !== 'Z_DATA_ERROR') throw error
      sound = unpacker.bytesWritten
    }
  }
}

/** The bytes behind the first `count` ones. */
async function* behind(count: number, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const piece of pieces) {
    if (piece.length > left) yield piece.subarray(left)
    left = Math.max(0, left - piece.length)
  }
}

/** Gives back the memory of the packed pieces. */
async function* unpack(packed: AsyncIterable<Uint8Array>, unpacker: ReturnType<typeof createGunzip>) {
  let size = 0
  const put = (piece: Uint8Array) => new Promise((resolve) => unpacker.write(piece, resolve))
  const closed = once(unpacker, 'close').then(() => {
    throw new Error('closed')
  })
  closed.catch(() => undefined)
  const feed = async () => {
    for await (const piece of packed) {
      size += piece.length
      // Whoever stops reading closes it, and what it was working on then is never done.
      await Promise.race([put(piece), closed])
      release(piece)
    }
    if (size === 0) throw new Error('empty file')
    unpacker.end()
  }
  // What fails is met by whoever reads the unpacker.
  feed().catch((error) => unpacker.destroy(error))
  yield* unpacker
  // It ends without a word where a zero byte follows.
  const left = size - unpacker.bytesWritten
  if (left > 0) throw new Error(`${left} bytes after the end of the gzip data`)
}

/** The same bytes; those behind the first `sound` ones in pieces of up to `step`. */
async function* cut(pieces: AsyncIterable<Uint8Array>, sound: number, step: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const piece of pieces) {
    const whole = Math.min(piece.length, Math.max(0, sound - at))
    if (whole > 0) yield piece.subarray(0, whole)
    for (let from = whole; from < piece.length; from += step) yield piece.subarray(from, from + step)
    at += piece.length
  }
}
