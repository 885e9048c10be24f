import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
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
      if (ifMatch !== undefined && ifMatch !== info.etag) throw new ObjectChanged(`${join(root, name)} has changed`)
      const file = createReadStream(join(root, name), { start: offset, highWaterMark: 256 * 1024, signal })
      return { stream: Readable.toWeb(file) as ReadableStream<Uint8Array>, size: info.size, etag: info.etag }
    },
  }
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
  try {
    const stats = await stat(join(root, name), { bigint: true })
    if (!stats.isFile()) return undefined
    return { name, size: Number(stats.size), etag: `${stats.size}-${stats.mtimeNs}` }
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') return { name, size: 0, etag: missing }
    throw error
  }
}
