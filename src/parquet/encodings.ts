import { isAscii } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { compareBytes } from '../util/bytes.ts'
import { bytesOfArray } from '../util/memory.ts'
import type { Words } from './words.ts'

/** The encodings in use: https://parquet.apache.org/docs/file-format/data-pages/encodings/ */
export const Encoding = { plain: 0, rle: 3, dictionary: 8 } as const

/** PLAIN: values as they lie in memory. */
export const unpackPlain = (body: Uint8Array): Words => new Int32Array(new Uint8Array(body).buffer)

/** PLAIN texts as a page has them, the smallest and largest by bytes, and their {@link crcOfTexts}. */
export interface PackedTexts {
  readonly body: Uint8Array
  readonly min: Uint8Array
  readonly max: Uint8Array
  readonly crc: number
}

/** Room for the length that stands before each text. */
const room = '\0\0\0\0'

/** PLAIN texts: UTF-8 behind its length. The body stands until the next texts are packed. Throws on malformed Unicode. */
export function packTexts(texts: readonly string[]): PackedTexts {
  const units = texts.reduce((sum, { length }) => sum + room.length + length, 0)
  const body = writeTexts(texts, units)
  const crc = crc32(body, texts.length)
  const onlyAscii = body.length === units
  const malformed = onlyAscii ? undefined : texts.find((text) => /\p{Surrogate}/u.test(text))
  if (malformed !== undefined) throw new Error(`expected well-formed Unicode, got ${JSON.stringify(malformed)}`)
  let at = 0
  for (const text of texts) {
    const size = onlyAscii ? text.length : Buffer.byteLength(text)
    body.writeUInt32LE(size, at)
    at += room.length + size
  }
  return { body, ...extremesOf(texts, onlyAscii), crc }
}

let scratch = Buffer.alloc(0)
const textsAtOnce = 256

/** The texts, each behind its room. Many at once are few calls; all at once would stand in memory twice. */
function writeTexts(texts: readonly string[], units: number): Buffer {
  const most = 3 * units
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most)
  let end = 0
  for (let i = 0; i < texts.length; i += textsAtOnce)
    end += scratch.write(room + texts.slice(i, i + textsAtOnce).join(room), end)
  return scratch.subarray(0, end)
}

function extremesOf(texts: readonly string[], onlyAscii: boolean): Pick<PackedTexts, 'min' | 'max'> {
  const follows = onlyAscii ? (a: string, b: string) => a > b : (a: string, b: string) => compareBytes(a, b) > 0
  let [min, max] = [texts[0], texts[0]]
  for (const text of texts) {
    if (follows(text, max)) max = text
    else if (follows(min, text)) min = text
  }
  return { min: Buffer.from(min), max: Buffer.from(max) }
}

/** A checksum of texts, taken from a page of them: of their number and their UTF-8 without the lengths, which are lost from the page. */
export function crcOfTexts(body: Uint8Array): number {
  const bytes = bytesOfArray(body)
  let count = 0
  for (let at = 0; at < bytes.length; count++) {
    const size = bytes.readUInt32LE(at)
    bytes.writeUInt32LE(0, at)
    at += room.length + size
  }
  return crc32(bytes, count)
}

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

/** RLE_DICTIONARY: places in a dictionary, here always 16 bits wide and in one run, so that packing bits is copying. */
export function packPlaces(places: Uint16Array): Uint8Array {
  const body = new Uint8Array(4 + 16 * Math.ceil(places.length / 8))
  body.set([16, ...runHead(places.length)])
  new Uint16Array(body.buffer, 4).set(places)
  return body
}
export const unpackPlaces = (body: Uint8Array) => new Uint16Array(new Uint8Array(body.subarray(4)).buffer)

/** Definition levels: a bit for each row, 1 if it is not null, in one run behind its size. The values come next. */
export function packLevels(bits: Uint8Array, rows: number): Uint8Array {
  const levels = new Uint8Array(levelsSize(rows))
  new DataView(levels.buffer).setUint32(0, levels.length - 4, true)
  levels.set(runHead(rows), 4)
  levels.set(bits, 7)
  return levels
}
export function unpackLevels(body: Uint8Array, present: Uint8Array): void {
  for (let i = 0; i < present.length; i++) {
    const bits = body[7 + (i >> 3)]
    if (bits === 0) i |= 7
    else present[i] = (bits >> (i & 7)) & 1
  }
}
export const levelsSize = (rows: number) => 7 + Math.ceil(rows / 8)

/** The head of a run of up to 2²¹ values: the number of eights and a 1 bit, as a varint of always 3 bytes. */
function runHead(values: number): [number, number, number] {
  const head = (Math.ceil(values / 8) << 1) | 1
  return [(head & 127) | 128, ((head >> 7) & 127) | 128, head >> 14]
}
