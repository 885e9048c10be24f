import { open, rm } from 'node:fs/promises'
import { readAll, writeAll } from './files.ts'

/** A file of one's own: bytes that memory need not hold, to be read back in any order. */
export interface Scratch extends AsyncDisposable {
  /** Where the next bytes go. */
  readonly size: number
  append(bytes: Uint8Array): Promise<void>
  /** The bytes from an offset on, in a buffer of their own. Throws where the file does not have all of them. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
}

/** @param path where the file is made; it loses its name at once, so that nothing is left of it however the process ends */
export async function openScratch(path: string): Promise<Scratch> {
  const handle = await open(path, 'w+')
  await rm(path)
  let size = 0
  return {
    get size() {
      return size
    },
    async append(bytes) {
      await writeAll({ handle, path }, [bytes], size)
      size += bytes.length
    },
    read: (offset, length) => readAll({ handle, path }, new Uint8Array(length), offset),
    [Symbol.asyncDispose]: () => handle.close(),
  }
}
