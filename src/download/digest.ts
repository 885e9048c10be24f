import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { errorCode } from '../util/errors.ts'

/** MD5 of a file in hex. */
export type Md5Of = (path: string) => Promise<string>

const piece = Buffer.allocUnsafeSlow(2 ** 18)

/** Keeps its thread busy all the while: to do other work between pieces costs as much as their digest. */
export const md5OfFile: Md5Of = async (path) => {
  const md5 = createHash('md5')
  const file = openSync(path, 'r')
  try {
    for (let size = readSync(file, piece); size > 0; size = readSync(file, piece)) md5.update(piece.subarray(0, size))
  } finally {
    closeSync(file)
  }
  return md5.digest('hex')
}

/** Whether an ETag can be the MD5 of the content; it need not be, where a store encrypts with keys of its own. */
export const isMd5 = (etag: string): boolean => /^[0-9a-f]{32}$/.test(etag)

/** Whether a file unpacks to its end, checksums included. */
export async function isWholeGzip(path: string): Promise<boolean> {
  try {
    await pipeline(createReadStream(path), createGunzip(), new Writable({ write: (_chunk, _encoding, done) => done() }))
    return true
  } catch (error) {
    if (errorCode(error)?.startsWith('Z_')) return false
    throw error
  }
}
