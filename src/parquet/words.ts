/**
 * 64-bit values as pairs of 32-bit words, the low one first, as they lie in memory and in a file. They spare us a BigInt,
 * which lives on the heap, for each value.
 */
export type Words = Int32Array<ArrayBuffer>

const wordSize = 2 ** 32

/** The memory of values as words, and of words as values. */
export const wordsOf = (values: Float64Array | BigInt64Array): Words =>
  new Int32Array(values.buffer as ArrayBuffer, values.byteOffset, 2 * values.length)
export const doublesOf = (words: Words) => new Float64Array(words.buffer, words.byteOffset, words.length / 2)

/** What a column's numbers are multiplied by in the file, where timestamps are microseconds. */
export const scaleOf = (type: 'timestamp' | 'integer') => (type === 'timestamp' ? 1000 : 1)

/** Each value times `scale` (at most 1000) as a 64-bit integer. Throws unless all values are safe integers. */
export function toIntegers(values: Float64Array, scale: number): Words {
  const words = new Int32Array(2 * values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isSafeInteger(value)) throw new Error(`expected a safe integer, got ${value}`)
    const high = Math.floor(value / wordSize)
    const low = (value - high * wordSize) * scale
    words[2 * i] = low
    words[2 * i + 1] = high * scale + Math.floor(low / wordSize)
  }
  return words
}

/** The inverse of `toIntegers`. */
export function fromIntegers(words: Words, scale: number): Float64Array {
  const values = new Float64Array(words.length / 2)
  for (let i = 0; i < values.length; i++) {
    const high = Math.floor(words[2 * i + 1] / scale)
    const rest = (words[2 * i + 1] - high * scale) * wordSize + (words[2 * i] >>> 0)
    values[i] = high * wordSize + rest / scale
  }
  return values
}

/** The distinct values in order of appearance, and the place of each value there; undefined if there are more than `limit`, a power of 2. */
export function distinct(words: Words, limit: number): { values: Words; places: Uint16Array } | undefined {
  const slots = new Int32Array(2 * limit) // an open hash table of places, from 1
  const values = new Int32Array(2 * limit)
  const places = new Uint16Array(words.length / 2)
  let count = 0
  for (let i = 0; i < places.length; i++) {
    const low = words[2 * i]
    const high = words[2 * i + 1]
    let slot = hash(low, high) & (slots.length - 1)
    let place = slots[slot] - 1
    while (place >= 0 && (values[2 * place] !== low || values[2 * place + 1] !== high)) {
      slot = (slot + 1) & (slots.length - 1)
      place = slots[slot] - 1
    }
    if (place < 0) {
      if (count === limit) return undefined
      place = count++
      slots[slot] = count
      values[2 * place] = low
      values[2 * place + 1] = high
    }
    places[i] = place
  }
  return { values: values.slice(0, 2 * count), places }
}

function hash(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
