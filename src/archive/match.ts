import { Field, type Part, type Template } from './template.ts'

/** Bytes to match, and what the fields of the template matched last held. */
export interface MatchState {
  bytes: Buffer
  /** The same bytes. */
  view: DataView
  values: Float64Array
  /** Where each key starts and ends, in turn. */
  readonly keys: Int32Array
}

export const none = -1

export const createMatchState = (): MatchState => ({
  bytes: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  values: new Float64Array(64),
  keys: new Int32Array(64),
})

/** Turns to other bytes; they must end with a line end, which no field contains. */
export function setBytes(state: MatchState, { buffer, byteOffset, length }: Uint8Array): void {
  state.bytes = Buffer.from(buffer, byteOffset, length)
  state.view = new DataView(buffer, byteOffset, length)
}

/** Makes room for the values of a template. */
export function reserveValues(state: MatchState, { parts }: Template): void {
  if (parts.length > state.values.length) state.values = new Float64Array(parts.length)
}

/** Matches a template, every byte of it, from a place on. Returns where it ends, or {@link none}. */
export function match(state: MatchState, start: number, { parts }: Template): number {
  let at = start
  let values = 0
  let keys = 0
  for (let i = 0; i < parts.length && at !== none; i++) {
    const { field } = parts[i]
    const from = skipConstant(state, at, parts[i])
    if (from === none || field === Field.end) return from
    at = skipField(state.bytes, from, field)
    if (field === Field.key) {
      state.keys[keys++] = from
      state.keys[keys++] = at
    } else if (field >= Field.double) state.values[values++] = number.value
  }
  return none
}

function skipConstant({ bytes, view }: MatchState, at: number, { constant, words, lastWord }: Part): number {
  const end = at + constant.length
  if (end > bytes.length) return none
  for (let i = 0; i < words.length; i++) if (view.getInt32(at + 4 * i, true) !== words[i]) return none
  if (constant.length >= 4) return view.getInt32(end - 4, true) === lastWord ? end : none
  for (let i = 0; i < constant.length; i++) if (bytes[at + i] !== constant[i]) return none
  return end
}

function skipField(bytes: Buffer, at: number, field: Field): number {
  switch (field) {
    case Field.text:
    case Field.key:
      return skipText(bytes, at)
    case Field.boolean:
      return skipBoolean(bytes, at)
    default: {
      const end = readNumber(bytes, at)
      return end !== none && fits(field) ? end : none
    }
  }
}

/** 1 for the bytes that stand for themselves in a string: printable ASCII but quote and backslash. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
)

function skipText(bytes: Uint8Array, start: number): number {
  let at = start
  while (plain[bytes[at]] === 1) at++
  return at
}

const words = { true: 0x65757274, alse: 0x65736c61 }

function skipBoolean(bytes: Buffer, at: number): number {
  if (at + 5 > bytes.length) return none
  if (bytes.readInt32LE(at) === words.true) return at + 4
  return bytes[at] === 0x66 && bytes.readInt32LE(at + 1) === words.alse ? at + 5 : none
}

/** The number read last; one object, so that reading makes none. */
const number = { value: 0 }

/** Whether the number read last is one that the field can hold as it is. */
function fits(field: Field): boolean {
  if (field === Field.number || field === Field.double) return true
  number.value += 0
  return field === Field.int32 ? number.value === (number.value | 0) : Number.isSafeInteger(number.value)
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

/**
 * Reads a JSON number into {@link number}. Where both the digits and the power of ten are exact doubles, one division rounds as
 * parsing does (Clinger 1990); other numbers are parsed.
 */
function readNumber(bytes: Buffer, start: number): number {
  const isNegative = bytes[start] === 0x2d
  const first = isNegative ? start + 1 : start
  let mantissa = 0
  let point = none
  let at = first
  for (;;) {
    const digit = bytes[at] - 0x30
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit
    else if (digit === -2 && point === none) point = at
    else break
    at++
  }
  const integerEnd = point === none ? at : point
  if (integerEnd === first || at === point + 1 || (bytes[first] === 0x30 && integerEnd > first + 1)) return none
  const end = skipExponent(bytes, at)
  if (end === none) return none
  const decimals = at === integerEnd ? 0 : at - integerEnd - 1
  if (end === at && mantissa <= Number.MAX_SAFE_INTEGER && decimals < powersOfTen.length) {
    const magnitude = mantissa / powersOfTen[decimals]
    number.value = isNegative ? -magnitude : magnitude
  } else number.value = Number(bytes.toString('latin1', start, end))
  return end
}

function skipExponent(bytes: Uint8Array, start: number): number {
  if ((bytes[start] | 0x20) !== 0x65) return start
  const first = bytes[start + 1] === 0x2b || bytes[start + 1] === 0x2d ? start + 2 : start + 1
  let at = first
  while (bytes[at] >= 0x30 && bytes[at] <= 0x39) at++
  return at > first ? at : none
}
