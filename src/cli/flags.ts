import { usageError } from '../util/errors.ts'

/** A flag with a text for a value, which may be left out. */
export const optional = (brief: string) => ({ kind: 'parsed', parse: String, brief, optional: true }) as const

/** A flag that is given or not. */
export const boolean = (brief: string) => ({ kind: 'boolean', brief, default: false, withNegated: false }) as const

/** Reads a whole number from `least` on. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(value) && value >= least) return value
    throw usageError(`expected a whole number from ${least}, got ${text || 'nothing'}`)
  }

/** Reads a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw usageError(`expected a number above 0, got ${text || 'nothing'}`)
}
