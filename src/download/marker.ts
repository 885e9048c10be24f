import { compareBytes } from '../util/bytes.ts'
import type { Period } from './period.ts'

/** Whether a marker lies among the names of the period. */
export const isOfPeriod = (marker: string, { bounds }: Period): boolean =>
  !bounds || (compareBytes(marker, bounds.after) > 0 && compareBytes(marker, bounds.before) < 0)

/** How far a marker may move: past the first names of a sorted list, as long as they are whole. */
export function markerProgress(sortedNames: readonly string[]) {
  const whole = new Set<string>()
  let position = 0
  return {
    /** Notes that a file is durable; returns the last name up to which all are, if there is one. */
    note(name: string): string | undefined {
      whole.add(name)
      while (position < sortedNames.length && whole.delete(sortedNames[position])) position++
      return sortedNames[position - 1]
    },
  }
}
