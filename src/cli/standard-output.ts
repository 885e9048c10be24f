import { fstatSync, writeSync } from 'node:fs'
import type { Output } from './context.ts'

/**
 * The standard output of the process. Into a file Node writes each text once, and does not look at how much of it the system took: its
 * end would be lost without an error where the disk fills up.
 */
export const standardOutput = (stream: Output & { readonly fd: number }): Output =>
  fstatSync(stream.fd).isFile() ? { write: (text) => writeWhole(stream.fd, Buffer.from(text)) } : stream

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSome(fd, bytes.subarray(done))
}

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    throw Object.assign(error as Error, { path: 'standard output' })
  }
}
