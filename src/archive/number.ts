import { lastInstant } from '../time/range.ts'
import type { Json } from './json.ts'
import { trim } from './trim.ts'

// Blueflood reads numbers with Gson: every JSON number as a double, which Java then casts; a string with Java's own parsers.

const minInt64 = -(2n ** 63n)
const maxInt64 = 2n ** 63n - 1n
const minInt32 = -(2 ** 31)
const maxInt32 = 2 ** 31 - 1

const doubleText = /^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?)$/
const integerText = /^[+-]?[0-9]+$/

/** A number, or a string that Java's Double.parseDouble takes (in decimal); else undefined. */
export function toDouble(json: Json): number | undefined {
  if (json.type === 'number') return Number(json.text)
  return json.type === 'string' ? parseDouble(json.text) : undefined
}

/** A number, truncated toward zero and held within 64 bits (NaN is 0), or a string that is an int64; else undefined. */
export function toInt64(json: Json): bigint | undefined {
  if (json.type === 'number') return castInt64(Number(json.text))
  if (json.type !== 'string' || !integerText.test(json.text)) return undefined
  const value = BigInt(json.text.replace('+', ''))
  return value >= minInt64 && value <= maxInt64 ? value : undefined
}

/** A number, truncated toward zero and held within 32 bits (NaN is 0), or a string that is an int32; else undefined. */
export function toInt32(json: Json): number | undefined {
  if (json.type === 'number') return castInt32(Number(json.text))
  if (json.type !== 'string' || !integerText.test(json.text)) return undefined
  const value = Number(json.text)
  return value >= minInt32 && value <= maxInt32 ? value + 0 : undefined
}

/** A number or numeric string without a fraction that is an instant in ms; else undefined. */
export function toInstant(json: Json): number | undefined {
  const value = toDouble(json)
  return Number.isInteger(value) && Math.abs(Number(value)) <= lastInstant ? Number(value) + 0 : undefined
}

function parseDouble(text: string): number | undefined {
  const trimmed = trim(text)
  return doubleText.test(trimmed) ? Number(trimmed.replace(/^([+-])NaN$/, 'NaN').replace(/[dDfF]$/, '')) : undefined
}

function castInt64(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value <= Number(minInt64)) return minInt64
  return value >= Number(maxInt64) ? maxInt64 : BigInt(Math.trunc(value))
}

const castInt32 = (value: number): number =>
  Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), minInt32), maxInt32) + 0
