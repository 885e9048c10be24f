/** The encodings in use: https://parquet.apache.org/docs/file-format/data-pages/encodings/ */
export const Encoding = { plain: 0, rle: 3, dictionary: 8 } as const

/** RLE_DICTIONARY: places in a dictionary, here always 16 bits wide and in one run, so that packing bits is copying. */
export function packPlaces(places: Uint16Array): Uint8Array {
  const body = new Uint8Array(4 + 16 * Math.ceil(places.length / 8))
  body.set([16, ...runHead(places.length)])
  new Uint16Array(body.buffer, 4).set(places)
  return body
}

/** The bytes of the places in the body of a page of `rows`. */
export const placesIn = (body: Uint8Array, rows: number): Uint8Array => body.subarray(4, 4 + 2 * rows)

/** Definition levels: a bit for each row, 1 if it is not null, in one run behind its size. The values come next. */
export function packLevels(bits: Uint8Array, rows: number): Uint8Array {
  const levels = new Uint8Array(levelsHead + bits.length)
  new DataView(levels.buffer).setUint32(0, levels.length - 4, true)
  levels.set(runHead(rows), 4)
  levels.set(bits, levelsHead)
  return levels
}

const levelsHead = 7

/** The bits of `rows` in the body of a page, and what comes behind them. */
export function unpackLevels(body: Uint8Array, rows: number): { bits: Uint8Array; rest: Uint8Array } {
  const end = levelsHead + Math.ceil(rows / 8)
  return { bits: body.subarray(levelsHead, end), rest: body.subarray(end) }
}

/** The head of a run of up to 2²¹ values: the number of eights and a 1 bit, as a varint of always 3 bytes. */
function runHead(values: number): [number, number, number] {
  const head = (Math.ceil(values / 8) << 1) | 1
  return [(head & 127) | 128, ((head >> 7) & 127) | 128, head >> 14]
}
