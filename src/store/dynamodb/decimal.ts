import { isInt64 } from '../../metric/int64.ts'
import { Kind } from '../../metric/points.ts'

/** A number as its point has it. */
export interface PointValue {
  readonly value: number
  readonly kind: Kind
  /** The exact integer where `kind` is not double. */
  readonly exact: bigint
}

const places = 20
const largest = 1e126

/**
 * A number as DynamoDB keeps it: a decimal of at most 20 places, rounded half up (away from zero) as Clusterman does from the shortest
 * digits; undefined for what it cannot hold: NaN, infinities, 1e126 and beyond.
 */
export function toDecimal({ value, kind, exact }: PointValue): string | undefined {
  if (kind !== Kind.double) return String(exact)
  if (!(Math.abs(value) < largest)) return undefined
  const [digits, exponent] = value.toExponential().split('e')
  const excess = digits.replace(/^-?\d\.?/, '').length - Number(exponent) - places
  return excess > 0 ? `${withoutLast(excess, digits.replace('.', ''))}e-${places}` : spelled(value)
}

/** The shortest digits, but all of them where a 64-bit integer is read: rounded ones would be another integer. */
const spelled = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? String(BigInt(value)) : String(value)

/** An integer without its last `count` digits, rounded half away from zero. */
function withoutLast(count: number, digits: string): bigint {
  const unit = 10n ** BigInt(count)
  const number = BigInt(digits)
  const half = number < 0n ? -unit / 2n : unit / 2n
  return (number + half) / unit
}

/**
 * A decimal as a point has it. DynamoDB knows no kinds: it is an integer where a double would not hold it for certain, beyond 2^53, and
 * fits 64 bits; else a double.
 */
export function fromDecimal(text: string): PointValue {
  const value = Number(text) + 0
  const integer = Number.isInteger(value) && !Number.isSafeInteger(value) ? integerOf(text) : undefined
  if (integer === undefined || !isInt64(integer)) return { value, kind: Kind.double, exact: 0n }
  return { value, kind: Kind.int64, exact: integer }
}

/** The integer that `-123`, `1.23E+5` … is, or undefined where it has places. */
function integerOf(text: string): bigint | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  if (whole === undefined) return undefined
  const zeros = Number(exponent) - fraction.length
  return zeros < 0 ? undefined : BigInt(`${sign}${whole}${fraction}${'0'.repeat(zeros)}`)
}
