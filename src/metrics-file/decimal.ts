/** Reads numbers as JSON writes them from ASCII bytes, one after the other, without making texts of them where they have few digits. */
export interface DecimalReader {
  /** The last number, as `Number` reads it. */
  readonly value: number
  /** Whether it is written without a point and an exponent. */
  readonly isInteger: boolean
  /** Reads the number that starts at `start`. Returns where it ends: at `start` if there is none. Something that is no digit must follow it. */
  read(bytes: Buffer, start: number): number
}

const [zero, minus, plus, dot, smallE, largeE] = Buffer.from('0-+.eE')
const powersOfTen = Array.from({ length: 23 }, (_, i) => 10 ** i)

export function decimalReader(): DecimalReader {
  const reader = {
    value: Number.NaN,
    isInteger: false,
    read(bytes: Buffer, start: number): number {
      const first = bytes[start] === minus ? start + 1 : start
      let mantissa = 0
      let at = first
      for (; isDigit(bytes[at]); at++) mantissa = mantissa * 10 + (bytes[at] - zero)
      if (at === first) return start
      const point = at
      reader.isInteger = bytes[at] !== dot
      if (!reader.isInteger) for (at++; isDigit(bytes[at]); at++) mantissa = mantissa * 10 + (bytes[at] - zero)
      const places = Math.max(0, at - point - 1)
      const hasExponent = bytes[at] === smallE || bytes[at] === largeE
      if (hasExponent || mantissa > Number.MAX_SAFE_INTEGER || places >= powersOfTen.length)
        return readText(bytes, start, at)
      // Mantissa and power are exact, so that their quotient is rounded once, as it should be.
      const size = mantissa / powersOfTen[places]
      reader.value = first > start ? -size : size
      return at
    },
  }
  const readText = (bytes: Buffer, start: number, from: number): number => {
    let end = from
    while (isDigit(bytes[end]) || isExponent(bytes[end])) end++
    if (end > from) reader.isInteger = false
    reader.value = Number(bytes.toString('latin1', start, end))
    return end
  }
  return reader
}

const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9

const isExponent = (byte: number): boolean => byte === smallE || byte === largeE || byte === minus || byte === plus
