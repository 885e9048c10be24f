/**
 * Access to a `BigInt64Array` that makes no BigInt for integers up to 2^53: on the way from points to files almost all are, and
 * a BigInt is an allocation. Little-endian, as every platform of Node is.
 */
export interface Int64Column {
  readonly exact: BigInt64Array
  readonly words: Int32Array
}

export const int64Column = (exact: BigInt64Array): Int64Column => ({
  exact,
  words: new Int32Array(exact.buffer, exact.byteOffset, exact.length * 2),
})

const wordSize = 0x1_0000_0000
/** High words of integers within 2^51. */
const safeHigh = 1 << 19

/** Stores an integer; a number must be a safe integer. */
export function putInteger({ exact, words }: Int64Column, index: number, value: number | bigint): void {
  if (typeof value === 'bigint') {
    exact[index] = value
    return
  }
  words[2 * index] = value
  words[2 * index + 1] = Math.floor(value / wordSize)
}

/** An integer as a number where it lies within 2^51, else as a BigInt. */
export function getInteger({ exact, words }: Int64Column, index: number): number | bigint {
  const high = words[2 * index + 1]
  if (high >= safeHigh || high < -safeHigh) return exact[index]
  return high * wordSize + (words[2 * index] >>> 0)
}

/** Whether an integer fits 64 bits. */
export const isInt64 = (integer: bigint): boolean => BigInt.asIntN(64, integer) === integer
