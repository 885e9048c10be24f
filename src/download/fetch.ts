import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bucket, ObjectChanged, type ObjectInfo } from '../bucket/bucket.ts'
import type { Clock } from '../util/clock.ts'
import type { turnstile } from '../util/concurrency.ts'
import { errorCode } from '../util/errors.ts'
import { type NamedHandle, writeAll } from '../util/files.ts'
import { isMd5, isWholeGzip, type Md5Of } from './digest.ts'
import type { ReceivedFile } from './received.ts'

/** What arrives is not what the bucket holds, however often it is fetched. */
export class Corrupt extends Error {
  override readonly name = 'Corrupt'
}

export interface FetchOptions {
  readonly bucket: Bucket
  readonly directory: string
  /** How often an object whose bytes turn out wrong, or which changes on the way, is fetched again. */
  readonly retries: number
  readonly md5Of: Md5Of
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** Bounds how many objects are under way; waiting for the disk is not part of it. */
  readonly turn: ReturnType<typeof turnstile>
  /** Told every number of bytes that arrives or, negative, that is thrown away; bytes left by an earlier run count too. */
  readonly onBytes?: (bytes: number) => void
}

/**
 * Fetches one object into the directory: under a temporary name until every byte is checked and durable. Bytes that an earlier run left
 * are kept while the object is the same. The new name is durable once the directory is synchronised.
 */
export async function fetchFile(object: ObjectInfo, options: FetchOptions): Promise<ReceivedFile> {
  const { directory, retries, clock, signal, onBytes } = options
  const part = partPath(directory, object)
  let last: Arrival | undefined
  for (let attempt = 0; ; attempt++) {
    const arrival = await transfer(object, part, options)
    if (arrival.fault === undefined || isBrokenInBucket(arrival, last)) {
      await rename(part, join(directory, arrival.entry.name))
      return arrival.entry
    }
    await rm(part, { force: true })
    onBytes?.(-arrival.entry.size)
    if (attempt === retries) throw new Corrupt(`${object.name}: ${arrival.fault}`)
    await clock.sleep(clock.random() * 1000, signal)
    last = arrival
  }
}

/** Temporary names tell the object and its version, so that another run knows whether it may go on with them. */
export function partPath(directory: string, { name, etag, size }: ObjectInfo): string {
  const version = createHash('sha256').update(`${size} ${etag}`).digest('hex').slice(0, 12)
  return join(directory, `.${name}.${version}.part`)
}

export const isPart = (name: string): boolean => /^\..*\.[0-9a-f]{12}\.part$/s.test(name)

interface Arrival {
  readonly entry: ReceivedFile
  /** What is wrong with it. */
  readonly fault?: 'changed' | 'wrong size' | 'wrong MD5' | 'broken gzip'
}

/** A gzip that is broken alike twice is broken in the bucket: a copy has to be faithful, not better. */
const isBrokenInBucket = ({ fault, entry }: Arrival, last: Arrival | undefined): boolean =>
  fault === 'broken gzip' && last?.fault === fault && last.entry.md5 === entry.md5

async function transfer(object: ObjectInfo, part: string, options: FetchOptions): Promise<Arrival> {
  const { bucket, md5Of, signal, turn, onBytes } = options
  const handle = await openPart(part)
  let received = 0
  const take = (bytes: number): void => {
    received += bytes
    onBytes?.(bytes)
  }
  const getRest = async (offset: number): Promise<{ etag: string; size: number; md5?: string }> => {
    const known = offset > 0 ? { offset, ifMatch: object.etag } : {}
    const { stream, ...told } = await bucket.get(object.name, { ...known, signal })
    await writeStream({ handle, path: part }, stream, { position: offset, take })
    // A length that fits the body but not the listing of the same version is a lie.
    return told.etag === object.etag ? { ...told, size: object.size } : told
  }
  try {
    const held = (await handle.stat()).size
    // What is listed as empty may be the manifest of a large object: only its answer tells.
    const isAll = held > 0 && held === object.size && isMd5(object.etag)
    // Where nothing is left to ask for, the last byte is asked for again: the answer tells whether the object is the same.
    take(held > 0 && held === object.size && !isAll ? held - 1 : held)
    const told = isAll ? { ...object, md5: object.etag } : await turn(() => getRest(received))
    // The digest is of what the file holds, not of what came.
    const [md5] = await Promise.all([md5Of(part), handle.datasync()])
    const entry = { name: object.name, size: received, etag: told.etag, md5 }
    return { entry, fault: await findFault(entry, part, told) }
  } catch (error) {
    if (!(error instanceof ObjectChanged)) throw error
    return { entry: { ...object, size: received, md5: '' }, fault: 'changed' }
  } finally {
    await handle.close()
  }
}

/** What an earlier run left is kept. */
async function openPart(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    return open(path, 'r+')
  }
}

const bytesAtOnce = 256 * 1024

/** Writes what arrives, a few chunks at once while others are arriving; whatever happens, what did arrive is written. */
async function writeStream(
  file: NamedHandle,
  stream: ReadableStream<Uint8Array>,
  { position, take }: { position: number; take: (bytes: number) => void },
): Promise<void> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let writing: Promise<unknown> = Promise.resolve()
  const write = async (): Promise<void> => {
    const [chunks, at] = [waiting, position]
    position += bytes
    waiting = []
    bytes = 0
    await writing
    writing = writeAll(file, chunks, at)
    writing.catch(() => undefined)
  }
  try {
    for await (const chunk of stream) {
      take(chunk.byteLength)
      waiting.push(chunk)
      bytes += chunk.byteLength
      if (bytes >= bytesAtOnce) await write()
    }
  } finally {
    if (bytes > 0) await write()
    await writing
  }
}

async function findFault(
  entry: ReceivedFile,
  path: string,
  expected: { size: number; md5?: string },
): Promise<Arrival['fault']> {
  if (entry.size !== expected.size) return 'wrong size'
  if (expected.md5 !== undefined) return entry.md5 === expected.md5 ? undefined : 'wrong MD5'
  return entry.name.endsWith('.gz') && !(await isWholeGzip(path)) ? 'broken gzip' : undefined
}
