import { crc32 } from 'node:zlib'
import { compareBytes } from '../../util/bytes.ts'

/** PLAIN texts as a page has them, the smallest and largest by bytes, and the checksum that `crcOfTexts` takes of them. */
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
