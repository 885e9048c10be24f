import { usageError } from '../util/errors.ts'
import { isRemote } from '../util/location.ts'

/** A parser of whole numbers for a flag, from `least` up. */
export const wholeNumber =
  (flag: string, least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
      throw usageError(`invalid --${flag}: expected a whole number from ${least} up, got ${text}`)
    return value
  }

/** A parser of numbers above 0 for a flag. */
export const positiveNumber =
  (flag: string) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && value > 0 && value < Number.POSITIVE_INFINITY) return value
    throw usageError(`invalid --${flag}: expected a number above 0, got ${text || 'nothing'}`)
  }

/** A parser of numbers from 0 up for a flag. */
export const numberFrom0 =
  (flag: string) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && value >= 0 && value < Number.POSITIVE_INFINITY) return value
    throw usageError(`invalid --${flag}: expected a number from 0 up, got ${text || 'nothing'}`)
  }

/** The path that a flag gives, which a URL of another kind is not. */
export function localPath(flag: string, text: string, expected: string): string {
  if (isRemote(text)) throw usageError(`invalid --${flag}: expected ${expected}, got ${text}`)
  return text
}

/** A parser of one of some words for a flag. */
export const oneOf =
  <const Word extends string>(flag: string, words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find((candidate) => candidate === text)
    if (word === undefined) throw usageError(`invalid --${flag}: expected ${words.join(', ')}, got ${text}`)
    return word
  }
