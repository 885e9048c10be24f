import type { ArchiveBatch } from '../../archive/batch.ts'
import type { ArchiveName } from '../../archive/names.ts'
import type { Scanner } from '../../archive/scan.ts'
import type { Bucket, ObjectInfo } from '../../bucket/bucket.ts'
import { ahead } from '../../util/ahead.ts'
import { collect } from '../../util/bytes.ts'
import { errorMessage } from '../../util/errors.ts'
import { release } from '../../util/release.ts'
import { gunzip } from './gunzip.ts'

/** An archive file as a listing tells it. */
export interface ArchiveFile extends ArchiveName, ObjectInfo {}

/** What is known of a file once it has been read to its end, or to where it breaks. */
export interface FileEnd {
  /**
   * Changes with the content: size and the last eight bytes, which in a gzip file are the CRC and length of its last member. Where it has
   * others too, those do not tell them, and the bucket's ETag is added.
   */
  readonly fingerprint: string
  /** Why only a part of the file, or nothing, could be read. */
  readonly broken?: string
}

const trailerSize = 8

/** A file that is being unpacked. */
export interface UnpackedFile {
  readonly name: string
  readonly pieces: AsyncGenerator<Uint8Array>
  /** Of a file that could be read to its end. */
  fingerprint(): string
  /** Of one that breaks: how much has been read when a fault is met depends on buffers; the end of the file does not. */
  fingerprintOfBroken(): Promise<string>
}

/** Pieces of a file that are unpacked before they are asked for. */
const piecesAhead = 2

/** Begins to unpack a file. */
export function unpackFile(bucket: Bucket, file: ArchiveFile, signal?: AbortSignal): UnpackedFile {
  let trailer = createTrailer()
  let unpacked = 0
  async function* pieces() {
    for await (const piece of gunzip(packed)) {
      unpacked += piece.length
      yield piece
    }
  }
  async function* packed() {
    trailer = createTrailer()
    const { stream } = await bucket.get(file.name, { signal })
    for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) {
      trailer.add(piece)
      yield piece
    }
  }
  return {
    name: file.name,
    pieces: ahead(pieces(), piecesAhead),
    fingerprint: () => `${trailer.fingerprint()}${trailer.tells(unpacked) ? '' : `-${file.etag}`}`,
    fingerprintOfBroken: async () => (await peekFingerprint(bucket, file, signal)) ?? trailer.fingerprint(),
  }
}

/** Reads one file: its batches, and at last how it ended. A bad file costs what lies behind the fault; it throws only when aborted. */
export async function* readFile(
  file: UnpackedFile,
  { scanner, signal }: { scanner: Scanner; signal?: AbortSignal },
): AsyncGenerator<ArchiveBatch, FileEnd> {
  try {
    yield* scanner.scan(file.name, releasing(file.pieces))
    return { fingerprint: file.fingerprint() }
  } catch (error) {
    signal?.throwIfAborted()
    return { fingerprint: await file.fingerprintOfBroken(), broken: errorMessage(error) }
  }
}

/** The same pieces. A buffer is given back once none of the pieces on it is in use any more; they come one behind another. */
async function* releasing(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined
  const giveBack = () => last && release(new Uint8Array(last.buffer))
  for await (const piece of pieces) {
    if (piece.buffer !== last?.buffer) giveBack()
    yield piece
    last = piece
  }
  giveBack()
}

function createTrailer() {
  let last = Buffer.alloc(0)
  let size = 0
  return {
    add(piece: Uint8Array) {
      size += piece.length
      last = Buffer.concat([last, piece.subarray(-trailerSize)]).subarray(-trailerSize)
    },
    fingerprint: () => fingerprint(size, last),
    /** Whether it is that of all of so many unpacked bytes. */
    tells: (unpacked: number) => last.readUInt32LE(4) === unpacked % 2 ** 32,
  }
}

const fingerprint = (size: number, trailer: Uint8Array): string => `${size}-${Buffer.from(trailer).toString('hex')}`

/** The fingerprint of a file, from its last bytes alone; undefined where it cannot be read. Throws only when aborted. */
export async function peekFingerprint(
  bucket: Bucket,
  { name, size }: ObjectInfo,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stream } = await bucket.get(name, { offset: Math.max(0, size - trailerSize), signal })
    return fingerprint(size, (await collect(stream as unknown as AsyncIterable<Uint8Array>)).subarray(-trailerSize))
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}
