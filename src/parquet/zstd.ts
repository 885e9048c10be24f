import * as zlib from 'node:zlib'

/** Zstandard. `decompress` gives exactly `size` bytes or throws. */
export interface Zstd {
  compress(bytes: Uint8Array): Uint8Array
  decompress(bytes: Uint8Array, size: number): Uint8Array
}

/** What `node:zlib` has of Zstandard since Node 22.15; the types in use are those of Node 20. */
interface NativeZstd {
  zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number> }): Uint8Array
  zstdDecompressSync(bytes: Uint8Array, options: { chunkSize: number; maxOutputLength: number }): Uint8Array
}

// Higher levels cost twice the time and save little.
const level = 1
const levelParameter = 100

/** Node's own Zstandard where there is one, else WebAssembly, which takes about 25 ms to load. */
export const loadZstd = async (): Promise<Zstd> => ('zstdCompressSync' in zlib ? nativeZstd(zlib as never) : wasmZstd())

const nativeZstd = (native: NativeZstd): Zstd => ({
  compress: (bytes) => native.zstdCompressSync(bytes, { params: { [levelParameter]: level } }),
  // One chunk as large as the result, since Node allocates and copies by the chunk, and takes none below 64 bytes.
  decompress: (bytes, size) =>
    exactly(size, native.zstdDecompressSync(bytes, { chunkSize: Math.max(size, 64), maxOutputLength: size })),
})

async function wasmZstd(): Promise<Zstd> {
  const { default: wasm } = await import('@foxglove/wasm-zstd')
  await wasm.isLoaded
  return {
    compress: (bytes) => wasm.compress(bytes, level),
    decompress: (bytes, size) => exactly(size, wasm.decompress(bytes, size)),
  }
}

function exactly(size: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== size) throw new Error(`a page has ${bytes.length} bytes instead of ${size}`)
  return bytes
}
