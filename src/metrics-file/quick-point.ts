import { Kind } from '../metric/points.ts'
import type { isoByteReader } from '../time/iso-bytes.ts'
import { noKey } from './batch.ts'
import type { DecimalReader } from './decimal.ts'
import { code } from './json-cursor.ts'
import { integerKind, type PointReader } from './read-point.ts'

/** A key of a multi-valued metric as it stands in the file, in its quotes. */
export interface KnownKey {
  readonly quoted: Uint8Array
  readonly id: number
}

export interface QuickReader extends PointReader {
  readonly isoTime: ReturnType<typeof isoByteReader>
  readonly decimal: DecimalReader
  /** Those of the cursor. */
  bytes: Buffer
  /** Length of the last time that was a text. */
  timeLength: number
}

/** Stands for the end of something that is not as expected. */
const none = -1

const tuple = Buffer.from('{"py/tuple": [{"py/object": "arrow.arrow.Arrow", "timestamp": ')
const tupleValue = Buffer.from('}, ')
const blank = 32

/**
 * Reads points, one after the other, that are written as Python and JavaScript write them: in the plain layout, or in Clusterman's last
 * one. Bytes are compared and counted, no text is made. Returns where the last of them ends, which is `start` where there is none: the
 * bytes run out behind it, the builder is full, the list ends, or the general reader must look.
 */
export function quickPoints(reader: QuickReader, start: number): number {
  const { bytes } = reader.cursor
  reader.bytes = bytes
  const quickPoint = bytes[start] === code.openList ? plainPoint : tuplePoint
  let last = start
  for (let at = start; ; at = pass(bytes, last)) {
    const end = quickPoint(reader, at)
    if (end === none) return last
    last = end
    if (bytes[end] !== code.comma || reader.builder.isFull()) return last
  }
}

function plainPoint(reader: QuickReader, start: number): number {
  const { bytes } = reader
  if (bytes[start] !== code.openList || bytes[start + 1] !== code.quote) return none
  // Most times are as long as the one before.
  let end = start + 2 + reader.timeLength
  if (bytes[end] !== code.quote) {
    end = bytes.indexOf(code.quote, start + 2)
    reader.timeLength = end - start - 2
  }
  const time = reader.isoTime(bytes, start + 2, end)
  if (bytes[end + 1] !== code.comma || Number.isNaN(time)) return none
  reader.builder.point(time)
  return takeValue(reader, pass(bytes, end + 1))
}

function tuplePoint(reader: QuickReader, start: number): number {
  const { bytes } = reader
  const secondsAt = after(bytes, start, tuple)
  if (secondsAt === none) return none
  const valueAt = after(bytes, reader.decimal.read(bytes, secondsAt), tupleValue)
  const time = reader.decimal.value * 1_000
  if (valueAt === none || !reader.decimal.isInteger) return none
  reader.builder.point(time)
  const end = takeValue(reader, valueAt)
  if (end === none) return none
  if (bytes[end] === code.close) {
    reader.references.times.push(time)
    return end + 1
  }
  reader.builder.undo()
  return none
}

/** Adds what starts at `at` to the last point, or forgets the point. Returns where its list ends. */
function takeValue(reader: QuickReader, at: number): number {
  const { bytes } = reader
  const end = bytes[at] === code.open ? takeObject(reader, at) : takeNumber(reader, at, noKey)
  if (end !== none && bytes[end] === code.closeList) return end + 1
  reader.builder.undo()
  return none
}

/** Most points have the same keys in the same order as the first one. */
function takeObject(reader: QuickReader, start: number): number {
  const { bytes, keys } = reader
  let at = start
  for (const { quoted, id } of keys) {
    const colonAt = after(bytes, at + 1 + Number(bytes[at + 1] === blank), quoted)
    if (colonAt === none || bytes[colonAt] !== code.colon) return none
    at = takeNumber(reader, pass(bytes, colonAt), id)
    if (at === none || bytes[at] === code.close) return at === none ? none : at + 1
    if (bytes[at] !== code.comma) return none
  }
  return none
}

function takeNumber({ bytes, builder, decimal }: QuickReader, start: number, key: number): number {
  const end = decimal.read(bytes, start)
  const { value, isInteger } = decimal
  if (end === start || !Number.isFinite(value)) return none
  builder.value(value, isInteger ? integerKind(value) : Kind.double, key)
  return end
}

/** Behind the byte at `at`, and the blank that may follow it. */
const pass = (bytes: Uint8Array, at: number): number => (bytes[at + 1] === blank ? at + 2 : at + 1)

/** Where bytes end that must stand at `at`. */
function after(bytes: Uint8Array, at: number, wanted: Uint8Array): number {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return none
  return at + wanted.length
}
