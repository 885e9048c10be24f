import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { bytesOfArray } from '../util/memory.ts'

/** Zstandard, in threads of Node's own. `decompress` gives exactly `size` bytes or throws. Bytes are not to be changed until it is done. */
export interface Zstd {
  compress(bytes: Uint8Array): Promise<Uint8Array>
  decompress(bytes: Uint8Array, size: number): Promise<Uint8Array>
}

type Done = (error: Error | null, bytes: Uint8Array) => void

/** What `node:zlib` has of Zstandard since Node 22.15; the types in use are those of Node 20. */
interface NativeZstd {
  zstdCompress(bytes: Uint8Array, options: { params: Record<number, number> }, done: Done): void
  zstdDecompress(bytes: Uint8Array, options: { chunkSize: number; maxOutputLength: number }, done: Done): void
}

// Higher levels cost half as much again and save little.
const level = 2
const levelParameter = 100

/** Node's own Zstandard where there is one, else a package. */
export const loadZstd = (): Zstd => ('zstdCompress' in zlib ? nativeZstd(zlib as never) : packagedZstd())

function nativeZstd(native: NativeZstd): Zstd {
  const [compress, decompress] = [promisify(native.zstdCompress), promisify(native.zstdDecompress)]
  return {
    compress: (bytes) => compress(bytes, { params: { [levelParameter]: level } }),
    // One chunk as large as the result, since Node allocates and copies by the chunk, and takes none below 64 bytes.
    decompress: async (bytes, size) =>
      exactly(size, await decompress(bytes, { chunkSize: Math.max(size, 64), maxOutputLength: size })),
  }
}

// Where CommonJS is imported, Node first reads through all of its text for names.
const require = createRequire(import.meta.url)

function packagedZstd(): Zstd {
  const { Encoder, Decoder }: typeof import('@toondepauw/node-zstd') = require('@toondepauw/node-zstd')
  const [encoder, decoder] = [new Encoder(level), new Decoder()]
  return {
    compress: (bytes) => encoder.encode(bytesOfArray(bytes)),
    decompress: async (bytes, size) => exactly(size, await decoder.decode(bytesOfArray(bytes))),
  }
}

function exactly(size: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== size) throw new Error(`a page has ${bytes.length} bytes instead of ${size}`)
  return bytes
}
