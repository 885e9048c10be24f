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

/** The doubles that were written as integers `scale` times as large. */
export function fromIntegers(words: Words, scale: number): Float64Array {
  const values = new Float64Array(words.length / 2)
  for (let i = 0; i < values.length; i++) {
    const high = Math.floor(words[2 * i + 1] / scale)
    const rest = (words[2 * i + 1] - high * scale) * wordSize + (words[2 * i] >>> 0)
    values[i] = high * wordSize + rest / scale
  }
  return values
}
