import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { compareBytes } from '../util/bytes.ts'
import { errorCode, usageError } from '../util/errors.ts'
import {
  type Bucket,
  type GetOptions,
  type ListOptions,
  ObjectChanged,
  type ObjectInfo,
  ObjectMissing,
} from './bucket.ts'

/**
 * A directory as a bucket: its regular files are the objects; folders inside it are not entered. A link that leads nowhere is listed
 * like an empty file, so that whoever opens it hears of it.
 */
export function directoryBucket(path: string): Bucket {
  const root = resolve(path)

  return {
    url: root,

    async *list({ prefix = '', after, signal }: ListOptions = {}): AsyncIterable<ObjectInfo> {
      const names = (await entries(root)).filter((name) => name.startsWith(prefix))
      for (const name of names.sort(compareBytes)) {
        signal?.throwIfAborted()
        if (after !== undefined && compareBytes(name, after) <= 0) continue
        const info = await inspect(root, name)
        if (info) yield info
      }
    },

    async get(name: string, { offset = 0, ifMatch, signal }: GetOptions = {}) {
      const info = await inspect(root, name)
      if (!info || info.etag === missing) throw new ObjectMissing(`${join(root, name)} is not there`)
      const isOther = ifMatch !== undefined && ifMatch !== info.etag
      if (isOther || (offset > 0 && offset >= info.size)) throw new ObjectChanged(`${join(root, name)} has changed`)
      signal?.throwIfAborted()
      return {
        stream: ReadableStream.from(bytesOf(join(root, name), { start: offset, end: info.size }, signal)),
        size: info.size,
        etag: info.etag,
      }
    },
  }
}

// Each piece is a way to Node's threads and back.
const pieceSize = 1 << 20

/** The bytes `[start, end)`. Told the end, Node makes no buffer that is larger than what is left. */
async function* bytesOf(path: string, range: { start: number; end: number }, signal?: AbortSignal) {
  const { start, end } = range
  if (start >= end) return
  for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: pieceSize })) {
    signal?.throwIfAborted()
    yield chunk
  }
  signal?.throwIfAborted()
}

async function entries(root: string): Promise<string[]> {
  try {
    const found = await readdir(root, { withFileTypes: true })
    return found.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw usageError(`directory not found: ${root}`)
    if (errorCode(error) === 'ENOTDIR') throw usageError(`not a directory: ${root}`)
    throw error
  }
}

/** The ETag of what is listed but cannot be opened. */
const missing = 'missing'

async function inspect(root: string, name: string): Promise<ObjectInfo | undefined> {
  if (basename(name) !== name) return undefined
  try {
    const stats = await stat(join(root, name), { bigint: true })
    if (!stats.isFile()) return undefined
    return { name, size: Number(stats.size), etag: `${stats.size}-${stats.mtimeNs}` }
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') return { name, size: 0, etag: missing }
    throw error
  }
}
