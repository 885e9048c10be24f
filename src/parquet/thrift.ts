/**
 * A value of Thrift's compact protocol: a number is an i32, a bigint an i64, a text or bytes a binary, an array a list,
 * and an object a struct whose keys are field ids, less than 16 apart; fields that are undefined are left out.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export type Thrift = boolean | number | bigint | string | Uint8Array | readonly Thrift[] | Struct
export interface Struct {
  readonly [field: number]: Thrift | undefined
}

/** The bytes of a struct. */
export const thriftBytes = (struct: Struct): Uint8Array => Uint8Array.from(encode(struct).bytes)

function encode(value: Thrift): { type: number; bytes: number[] } {
  if (typeof value === 'boolean') return { type: value ? 1 : 2, bytes: [] }
  if (typeof value === 'number') return { type: 5, bytes: varint(zigzag(BigInt(value))) }
  if (typeof value === 'bigint') return { type: 6, bytes: varint(zigzag(value)) }
  if (typeof value === 'string') return encode(Buffer.from(value))
  if (value instanceof Uint8Array) return { type: 8, bytes: [...varint(BigInt(value.length)), ...value] }
  return isList(value) ? { type: 9, bytes: listBytes(value) } : { type: 12, bytes: structBytes(value) }
}

function listBytes(list: readonly Thrift[]): number[] {
  const items = list.map(encode)
  const type = items[0]?.type ?? 12
  const head = list.length < 15 ? [(list.length << 4) | type] : [0xf0 | type, ...varint(BigInt(list.length))]
  return [...head, ...items.flatMap((item) => item.bytes)]
}

function structBytes(struct: Struct): number[] {
  const out: number[] = []
  let last = 0
  for (const [key, value] of Object.entries(struct)) {
    if (value === undefined) continue
    const { type, bytes } = encode(value)
    out.push(((Number(key) - last) << 4) | type)
    for (const byte of bytes) out.push(byte)
    last = Number(key)
  }
  return [...out, 0]
}

const isList = (value: Thrift): value is readonly Thrift[] => Array.isArray(value)
const zigzag = (value: bigint) => (value < 0n ? -2n * value - 1n : 2n * value)
const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]
