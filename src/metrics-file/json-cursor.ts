import { UserError } from '../util/errors.ts'

/** Thrown where the bytes at hand end in the middle of something: feed more, go back and try again. */
export const incomplete = Symbol('incomplete')

/** A place in JSON text that arrives in pieces. Everything but `feed` throws {@link incomplete} where the bytes run out. */
export interface JsonCursor {
  /** Where to go back to; only good until the next `feed`. */
  at: number
  /** The bytes at hand, of which `at` is the next, then some zeros, so that a reader need not look for the end; only good until the next `feed`. */
  readonly bytes: Buffer
  /** Adds bytes; those before `at` are dropped and `at` becomes 0. */
  feed(bytes: Uint8Array): void
  /** The next byte that is not blank, which is not taken. */
  peek(): number
  /** Takes the next byte where it is the one named. */
  skip(byte: number): boolean
  /** Takes the byte named. */
  take(byte: number): void
  string(): string
  /** The text of a number, or a word such as `null` or `NaN`. */
  word(): string
  /** Passes over one value, however large. */
  skipValue(): void
  fail(expected: string): never
}

export const code = { quote: 34, comma: 44, colon: 58, openList: 91, closeList: 93, open: 123, close: 125 } as const
const backslash = 92

const isBlank = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9

const padding = 32

export function jsonCursor(input: string): JsonCursor {
  let bytes: Buffer = Buffer.alloc(padding)
  let length = 0
  let dropped = 0

  const cursor: JsonCursor = {
    at: 0,
    get bytes() {
      return bytes
    },
    feed(more) {
      dropped += cursor.at
      const kept = bytes.subarray(cursor.at, length)
      bytes = joined(bytes, kept, more)
      length = kept.length + more.length
      cursor.at = 0
    },
    peek() {
      while (isBlank(bytes[cursor.at])) cursor.at++
      if (cursor.at >= length) throw incomplete
      return bytes[cursor.at]
    },
    skip(byte) {
      if (cursor.peek() !== byte) return false
      cursor.at++
      return true
    },
    take(byte) {
      if (!cursor.skip(byte)) cursor.fail(JSON.stringify(String.fromCharCode(byte)))
    },
    string() {
      cursor.take(code.quote)
      const start = cursor.at
      const isPlain = passString(cursor, bytes.subarray(0, length))
      if (isPlain) return bytes.toString('latin1', start, cursor.at - 1)
      const text = bytes.toString('utf8', start - 1, cursor.at)
      try {
        return JSON.parse(text)
      } catch {
        return cursor.fail('a text')
      }
    },
    word() {
      cursor.peek()
      const start = cursor.at
      while (isWordByte(bytes[cursor.at])) cursor.at++
      if (cursor.at >= length) throw incomplete
      if (cursor.at === start) cursor.fail('a value')
      return bytes.toString('latin1', start, cursor.at)
    },
    skipValue: () => skipValue(cursor),
    fail(expected) {
      const found = JSON.stringify(bytes.toString('utf8', cursor.at, Math.min(cursor.at + 20, length)))
      throw new UserError(
        `invalid metrics file ${input}: expected ${expected} at byte ${dropped + cursor.at} of its text, got ${found}`,
      )
    },
  }
  return cursor
}

/** `kept` and `more`, then zeros; in the memory of `bytes`, which may hold `kept`, where there is room. */
function joined(bytes: Buffer, kept: Uint8Array, more: Uint8Array): Buffer {
  const length = kept.length + more.length
  const target = length + padding > bytes.length ? Buffer.alloc(2 * length + padding) : bytes
  target.set(kept)
  target.set(more, kept.length)
  return target.fill(0, length, length + padding)
}

/** Letters, digits, `+`, `-` and `.`. */
const isWordByte = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) ||
  (byte >= 97 && byte <= 122) ||
  (byte >= 65 && byte <= 90) ||
  byte === 43 ||
  byte === 45 ||
  byte === 46

/** Moves behind the closing quote. True where the text stands as it is: ASCII, without escapes. */
function passString(cursor: JsonCursor, bytes: Buffer): boolean {
  let isPlain = true
  for (let i = cursor.at; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === code.quote) {
      cursor.at = i + 1
      return isPlain
    }
    if (byte === backslash) i++
    if (byte === backslash || byte > 127) isPlain = false
  }
  throw incomplete
}

function skipValue(cursor: JsonCursor): void {
  let depth = 0
  do {
    const byte = cursor.peek()
    if (byte === code.quote) cursor.string()
    else if (byte === code.open || byte === code.openList) {
      depth++
      cursor.at++
    } else if (byte === code.close || byte === code.closeList) {
      depth--
      cursor.at++
    } else if (byte === code.comma || byte === code.colon) cursor.at++
    else cursor.word()
  } while (depth > 0)
}
