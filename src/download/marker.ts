import { compareBytes } from '../util/bytes.ts'
import type { Period } from './period.ts'
import type { WantedFile } from './selection.ts'

/** Whether a marker lies among the names of the period. */
export const isOfPeriod = (marker: string, { bounds }: Period): boolean =>
  !bounds || (compareBytes(marker, bounds.after) > 0 && compareBytes(marker, bounds.before) < 0)

/** Whether files lie up to a marker, for those who go by time and for those who go by names. */
export function isUpTo(marker: string, { parse }: Period): (file: WantedFile) => boolean {
  const time = parse(marker)?.time ?? Infinity
  return ({ name, parsed }) => parsed.time <= time && compareBytes(name, marker) <= 0
}

/**
 * The order in which a marker passes files: by time, as a reader counts what has come, then by the bytes of the name. Names whose dates
 * agree with their milliseconds are in the order of a listing, as Blueflood's tools expect it.
 */
export const compareForMarker = (a: WantedFile, b: WantedFile): number =>
  a.parsed.time - b.parsed.time || compareBytes(a.name, b.name)

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
