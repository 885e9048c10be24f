import { Kind, type PointBatch } from '../../metric/points.ts'
import {
  createReader,
  createWriter,
  putByte,
  putDouble,
  putVarint,
  takeByte,
  takeBytes,
  takeDouble,
  takeVarint,
} from './bytes.ts'
import { Marker, showByte } from './markers.ts'

const version = 0
/** Longer than any: a version, a marker, and an integer. */
const longest = 1 + 1 + 10

/** A function that gives a point of a batch as Blueflood writes a value of full resolution. */
export function valueEncoder({ kind, value, wide }: PointBatch): (row: number) => Buffer {
  const writer = createWriter(longest)
  return (row) => {
    putByte(writer, version)
    if (kind[row] === Kind.double) {
      putByte(writer, Marker.double)
      putDouble(writer, value[row])
    } else if (kind[row] === Kind.int32) {
      putByte(writer, Marker.int32)
      putVarint(writer, value[row] >>> 0)
    } else {
      putByte(writer, Marker.int64)
      putVarint(writer, wide?.[row] ?? value[row])
    }
    return takeBytes(writer)
  }
}

/** A value of full resolution: an integer beyond 2^49 as a BigInt. */
export interface FullValue {
  readonly kind: Kind
  readonly value: number | bigint
}

/** Reads a value of full resolution. Throws where the bytes are none. */
export function decodeValue(bytes: Buffer): FullValue {
  const reader = createReader(bytes)
  const found = takeByte(reader)
  if (found !== version) throw new Error(`a value of version ${found}: version 0 is known`)
  const marker = takeByte(reader)
  if (marker === Marker.double) return { kind: Kind.double, value: takeDouble(reader) }
  if (marker === Marker.int64) return { kind: Kind.int64, value: takeVarint(reader) }
  if (marker === Marker.int32) return { kind: Kind.int32, value: Number(BigInt.asIntN(32, BigInt(takeVarint(reader)))) }
  throw new Error(`an unknown kind of value ${showByte(marker)}`)
}
