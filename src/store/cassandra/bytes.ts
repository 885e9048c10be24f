/** A buffer that is written from its start, over and over. */
export interface Writer {
  readonly bytes: Buffer
  at: number
}

export const createWriter = (size: number): Writer => ({ bytes: Buffer.alloc(size), at: 0 })

/** What has been written since the start. The writer is at its start again. */
export function takeBytes(writer: Writer): Buffer {
  const taken = Buffer.from(writer.bytes.subarray(0, writer.at))
  writer.at = 0
  return taken
}

export function putByte(writer: Writer, byte: number): void {
  writer.bytes[writer.at++] = byte
}

/** Groups of seven bits, least first; a negative integer as its 64-bit two's complement, which takes ten bytes. */
export function putVarint(writer: Writer, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) putSafeVarint(writer, value)
  else putWideVarint(writer, BigInt.asUintN(64, BigInt(value)))
}

function putSafeVarint(writer: Writer, value: number): void {
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) putByte(writer, (rest % 0x80) | 0x80)
  putByte(writer, rest)
}

function putWideVarint(writer: Writer, value: bigint): void {
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) putByte(writer, Number(rest & 0x7fn) | 0x80)
  putByte(writer, Number(rest))
}

/** Little-endian. Every NaN is written as Java's: the one that V8 computes may carry a sign. */
export function putDouble(writer: Writer, value: number): void {
  if (Number.isNaN(value)) canonicalNaN.copy(writer.bytes, writer.at)
  else writer.bytes.writeDoubleLE(value, writer.at)
  writer.at += 8
}

const canonicalNaN = Buffer.from('000000000000f87f', 'hex')

/** Bytes that are read from their start. Reading past their end throws. */
export interface Reader {
  readonly bytes: Buffer
  at: number
}

export const createReader = (bytes: Buffer): Reader => ({ bytes, at: 0 })

export function takeByte(reader: Reader): number {
  if (reader.at >= reader.bytes.length) throw truncated(reader)
  return reader.bytes[reader.at++]
}

/** A 64-bit integer: as a number where it lies within 2^49, else as a BigInt. */
export function takeVarint(reader: Reader): number | bigint {
  const start = reader.at
  let value = 0
  for (let scale = 1; scale <= safeScale; scale *= 0x80) {
    const byte = takeByte(reader)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  reader.at = start
  return takeWideVarint(reader)
}

/** The weight of the seventh group of seven bits. */
const safeScale = 2 ** 42

function takeWideVarint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = takeByte(reader)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asIntN(64, value)
  }
  throw new Error('an integer of more than ten bytes')
}

export function takeDouble(reader: Reader): number {
  const { bytes, at } = reader
  if (at + 8 > bytes.length) throw truncated(reader)
  reader.at += 8
  return bytes.readDoubleLE(at)
}

const truncated = ({ bytes }: Reader): Error => new Error(`truncated after ${bytes.length} bytes`)
