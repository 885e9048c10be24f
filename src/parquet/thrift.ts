/**
 * A value of Thrift's compact protocol: a number is an i32, a bigint a safe i64, a text or bytes a binary, an array a list,
 * and an object a struct whose keys are field ids, less than 16 apart; fields that are undefined are left out.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export type Thrift = boolean | number | bigint | string | Uint8Array | readonly Thrift[] | Struct
export interface Struct {
  readonly [field: number]: Thrift | undefined
}

/** The bytes of a struct. */
export function thriftBytes(struct: Struct): Uint8Array {
  const out: number[] = []
  writeStruct(out, struct)
  return Uint8Array.from(out)
}

function typeOf(value: Thrift): number {
  if (typeof value === 'boolean') return value ? 1 : 2
  if (typeof value === 'number') return 5
  if (typeof value === 'bigint') return 6
  if (typeof value === 'string' || value instanceof Uint8Array) return 8
  return isList(value) ? 9 : 12
}

/** A boolean is told by its type alone. */
function write(out: number[], value: Thrift): void {
  if (typeof value === 'number' || typeof value === 'bigint') writeInteger(out, Number(value))
  else if (typeof value === 'string') writeBytes(out, Buffer.from(value))
  else if (value instanceof Uint8Array) writeBytes(out, value)
  else if (isList(value)) writeList(out, value)
  else if (typeof value === 'object') writeStruct(out, value)
}

function writeBytes(out: number[], bytes: Uint8Array): void {
  writeVarint(out, bytes.length)
  for (const byte of bytes) out.push(byte)
}

function writeList(out: number[], list: readonly Thrift[]): void {
  const type = list.length > 0 ? typeOf(list[0]) : 12
  if (list.length < 15) out.push((list.length << 4) | type)
  else {
    out.push(0xf0 | type)
    writeVarint(out, list.length)
  }
  for (const item of list) write(out, item)
}

function writeStruct(out: number[], struct: Struct): void {
  let last = 0
  for (const key of Object.keys(struct)) {
    const field = Number(key)
    const value = struct[field]
    if (value === undefined) continue
    out.push(((field - last) << 4) | typeOf(value))
    write(out, value)
    last = field
  }
  out.push(0)
}

const isList = (value: Thrift): value is readonly Thrift[] => Array.isArray(value)

/** Zigzag: a small number is short, whatever its sign. */
const writeInteger = (out: number[], value: number): void => writeVarint(out, value < 0 ? -2 * value - 1 : 2 * value)

function writeVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
}
