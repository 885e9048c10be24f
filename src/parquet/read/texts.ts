import { isAscii } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { bytesOfArray } from '../../util/memory.ts'

/** A checksum of texts, taken from a page of them: of their number and their UTF-8 without the lengths, which are lost from the page. */
export function crcOfTexts(body: Uint8Array): number {
  const bytes = bytesOfArray(body)
  let count = 0
  for (let at = 0; at < bytes.length; count++) {
    const size = bytes.readUInt32LE(at)
    bytes.writeUInt32LE(0, at)
    at += 4 + size
  }
  return crc32(bytes, count)
}

/** The texts of a page of them. */
export function unpackTexts(body: Uint8Array): string[] {
  const bytes = bytesOfArray(body)
  const ascii = isAscii(bytes) ? bytes.toString('latin1') : undefined
  const texts: string[] = []
  for (let start = 4, end = 0; end < bytes.length; start = end + 4) {
    end = start + bytes.readUInt32LE(start - 4)
    texts.push(ascii ? ascii.slice(start, end) : bytes.toString('utf8', start, end))
  }
  return texts
}
