import { arrayOf } from './array.ts'
/** Orders texts by their UTF-8 bytes, as object stores and Parquet readers do; JavaScript's `<` differs beyond U+FFFF. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

// Surrogates stand for code points beyond U+FFFF, so they come after every other code unit.
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

/** Sorts texts in place by their UTF-8 bytes. */
export function sortByBytes(texts: string[]): string[] {
  // Without surrogates the order of code units is the order of bytes, and the native sort is much faster.
  return hasSurrogate(texts) ? texts.sort(compareBytes) : texts.sort()
}

/** Whether texts stand in the order of their UTF-8 bytes, none twice. */
export function isSortedByBytes(texts: readonly string[]): boolean {
  return texts.every((text, i) => i === 0 || compareBytes(text, texts[i - 1]) > 0)
}

const surrogate = /[\ud800-\udfff]/
const hasSurrogate = (texts: readonly string[]): boolean => texts.some((text) => surrogate.test(text))

/** All bytes of a stream, one behind another. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await arrayOf(stream))
}
