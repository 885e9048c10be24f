import { type Words, wordsOf } from './words.ts'

/** The encodings in use: https://parquet.apache.org/docs/file-format/data-pages/encodings/ */
export const Encoding = { plain: 0, rle: 3, dictionary: 8, split: 9 } as const

/** PLAIN: values as they lie in memory. */
export const packPlain = (words: Words): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
export const unpackPlain = (body: Uint8Array): Words => new Int32Array(new Uint8Array(body).buffer)

/** PLAIN texts: UTF-8 behind its length. Throws on malformed Unicode. Also finds the smallest and largest by bytes. */
export function packTexts(texts: readonly string[]): { body: Uint8Array; min: Uint8Array; max: Uint8Array } {
  const bytes = Buffer.allocUnsafe(texts.reduce((size, text) => size + 4 + 3 * text.length, 0))
  let end = 0
  let [min, max] = [bytes.subarray(0, 0), bytes.subarray(0, 0)]
  for (const text of texts) {
    const size = bytes.write(text, end + 4)
    if (size !== text.length && /\p{Surrogate}/u.test(text))
      throw new Error(`expected well-formed Unicode, got ${JSON.stringify(text)}`)
    bytes.writeUInt32LE(size, end)
    const written = bytes.subarray(end + 4, end + 4 + size)
    if (end === 0) min = written
    if (end === 0 || written.compare(max) > 0) max = written
    else if (written.compare(min) < 0) min = written
    end += 4 + size
  }
  return { body: bytes.subarray(0, end), min, max }
}

export function unpackTexts(body: Uint8Array): string[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const texts: string[] = []
  for (let start = 4, end = 0; end < bytes.length; start = end + 4) {
    end = start + bytes.readUInt32LE(start - 4)
    texts.push(bytes.toString('utf8', start, end))
  }
  return texts
}

/**
 * BYTE_STREAM_SPLIT: the first byte of each value, then the second, …, so that what is alike lies together. The result lies
 * in `scratch`, which spares us fresh memory: it costs as much as the work.
 */
export function packSplit(values: Float64Array, scratch: Uint8Array): Uint8Array {
  const n = values.length
  const words = wordsOf(values)
  const body = scratch.subarray(0, 8 * n)
  for (let i = 0; i < n; i++) {
    const low = words[2 * i]
    const high = words[2 * i + 1]
    body[i] = low
    body[n + i] = low >> 8
    body[2 * n + i] = low >> 16
    body[3 * n + i] = low >> 24
    body[4 * n + i] = high
    body[5 * n + i] = high >> 8
    body[6 * n + i] = high >> 16
    body[7 * n + i] = high >> 24
  }
  return body
}

export function unpackSplit(body: Uint8Array, values: Float64Array): void {
  const n = values.length
  const words = wordsOf(values)
  for (let i = 0; i < n; i++) {
    words[2 * i] = body[i] | (body[n + i] << 8) | (body[2 * n + i] << 16) | (body[3 * n + i] << 24)
    words[2 * i + 1] = body[4 * n + i] | (body[5 * n + i] << 8) | (body[6 * n + i] << 16) | (body[7 * n + i] << 24)
  }
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
export function packLevels(present: Uint8Array): Uint8Array {
  const levels = new Uint8Array(levelsSize(present.length))
  new DataView(levels.buffer).setUint32(0, levels.length - 4, true)
  levels.set(runHead(present.length), 4)
  for (let i = 0; i < present.length; i++) if (present[i]) levels[7 + (i >> 3)] |= 1 << (i & 7)
  return levels
}
export function unpackLevels(body: Uint8Array, present: Uint8Array): void {
  for (let i = 0; i < present.length; i++) present[i] = (body[7 + (i >> 3)] >> (i & 7)) & 1
}
export const levelsSize = (rows: number) => 7 + Math.ceil(rows / 8)

/** The head of a run of up to 2²¹ values: the number of eights and a 1 bit, as a varint of always 3 bytes. */
function runHead(values: number): [number, number, number] {
  const head = (Math.ceil(values / 8) << 1) | 1
  return [(head & 127) | 128, ((head >> 7) & 127) | 128, head >> 14]
}
