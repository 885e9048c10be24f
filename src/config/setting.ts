import { usageError } from '../util/errors.ts'

/** The keys of a configuration and their values. */
export type Values = ReadonlyMap<string, string>

/** A value of a flag that a configuration sets, and the keys that set it; none where it is Blueflood's default. */
export interface Setting {
  readonly value: string
  readonly keys: readonly string[]
}

export function filled(value: string, key: string): string {
  if (value.trim() !== '') return value
  throw invalid(key, 'a value', value)
}

export function whole(text: string, key: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least && value < 8.64e15) return value
  throw invalid(key, `a whole number from ${least}`, text)
}

export const invalid = (key: string, expected: string, value: string) =>
  usageError(`invalid ${key}: expected ${expected}, got ${JSON.stringify(value)}`)
