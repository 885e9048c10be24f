import { LineReject } from './reject.ts'

/** A value of a JSON text and where it stands there: from `start` to before `end`. */
export type Json = { readonly start: number; readonly end: number } & (
  | { readonly type: 'string'; readonly text: string }
  /** `text` is the number as it is written, `NaN`, `Infinity` or `-Infinity`. */
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'boolean'; readonly text: 'true' | 'false' }
  | { readonly type: 'null' }
  | { readonly type: 'array' }
  | JsonMembers
)

interface JsonMembers {
  readonly type: 'object'
  /** Of members with the same name the last one. */
  readonly members: ReadonlyMap<string, Json>
  /** Whether some name stands twice. */
  readonly repeats: boolean
}

export type JsonObject = Json & JsonMembers

/** Where reading has got to. */
interface Cursor {
  readonly text: string
  at: number
  depth: number
}

/**
 * Reads a JSON text (RFC 8259) in which the bare words `NaN`, `Infinity` and `-Infinity` may stand for numbers. Numbers stay
 * text, and places are kept. Throws {@link LineReject}.
 */
export function parseJson(text: string): Json {
  const cursor = { text, at: 0, depth: 0 }
  const root = readValue(cursor)
  skipSpace(cursor)
  if (cursor.at < text.length) fail()
  return root
}

function readValue(cursor: Cursor): Json {
  skipSpace(cursor)
  switch (cursor.text.charCodeAt(cursor.at)) {
    case quote:
      return readText(cursor)
    case openBrace:
      return readNested(cursor, readObject)
    case openBracket:
      return readNested(cursor, readArray)
    default:
      return readScalar(cursor)
  }
}

/** Deeper values are refused, so that no input can exhaust the stack. */
const maxDepth = 255

function readNested(cursor: Cursor, read: (cursor: Cursor) => Json): Json {
  if (cursor.depth === maxDepth) throw new LineReject('nested too deeply')
  cursor.depth++
  const json = read(cursor)
  cursor.depth--
  return json
}

function readObject(cursor: Cursor): Json {
  const start = cursor.at++
  const members = new Map<string, Json>()
  let count = 0
  if (!take(cursor, closeBrace)) {
    do {
      members.set(readName(cursor), readValue(cursor))
      count++
    } while (take(cursor, comma))
    if (!take(cursor, closeBrace)) fail()
  }
  return { type: 'object', members, repeats: count > members.size, start, end: cursor.at }
}

function readName(cursor: Cursor): string {
  skipSpace(cursor)
  if (cursor.text.charCodeAt(cursor.at) !== quote) fail()
  const name = readString(cursor)
  if (!take(cursor, colon)) fail()
  return name
}

function readArray(cursor: Cursor): Json {
  const start = cursor.at++
  if (!take(cursor, closeBracket)) {
    do readValue(cursor)
    while (take(cursor, comma))
    if (!take(cursor, closeBracket)) fail()
  }
  return { type: 'array', start, end: cursor.at }
}

function readText(cursor: Cursor): Json {
  const start = cursor.at
  return { type: 'string', text: readString(cursor), start, end: cursor.at }
}

function readString(cursor: Cursor): string {
  const { text, at: start } = cursor
  let at = start + 1
  let escapes = false
  for (let unit = text.charCodeAt(at); unit !== quote; unit = text.charCodeAt(at)) {
    // The end of the text gives NaN, which fails as control characters do.
    if (!(unit >= 0x20)) fail()
    if (unit === backslash) escapes = true
    at += unit === backslash ? 2 : 1
  }
  cursor.at = at + 1
  return escapes ? readEscapes(text.slice(start, at + 1)) : text.slice(start + 1, at)
}

/** Reads a string token that has escapes. A half of a surrogate pair becomes U+FFFD, as it would when written as UTF-8. */
function readEscapes(token: string): string {
  try {
    return Buffer.from(JSON.parse(token)).toString()
  } catch {
    fail()
  }
}

function readScalar(cursor: Cursor): Json {
  const start = cursor.at
  const word = match(cursor, literal)
  if (word === 'null') return { type: 'null', start, end: cursor.at }
  if (word === 'true' || word === 'false') return { type: 'boolean', text: word, start, end: cursor.at }
  return { type: 'number', text: match(cursor, number) ?? fail(), start, end: cursor.at }
}

const space = /[ \t\n\r]*/y
const literal = /true|false|null/y
const number = /NaN|-?(?:Infinity|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0]
  cursor.at += found?.length ?? 0
  return found
}

function take(cursor: Cursor, unit: number): boolean {
  skipSpace(cursor)
  if (cursor.text.charCodeAt(cursor.at) !== unit) return false
  cursor.at++
  return true
}

function skipSpace(cursor: Cursor): void {
  if (cursor.text.charCodeAt(cursor.at) <= 0x20) match(cursor, space)
}

function fail(): never {
  throw new LineReject('invalid JSON')
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
