import { type ArchiveName, isSelected, type NameMargins } from '../archive/names.ts'
import type { ArchiveFile } from '../source/archive/file.ts'
import type { Listing } from '../source/archive/list.ts'
import { day, minute, type Range, snapOutward } from '../time/range.ts'
import { usageError } from '../util/errors.ts'

/** The files that can hold points of a range, by the times of their names. */
export const selectFiles = ({ files }: Listing, range: Range, margins: NameMargins): ArchiveFile[] =>
  files.filter((file) => isSelected(file, range, margins))

/**
 * The range of files, in canonical order, for which no times are given: from a day before the first name to 15 minutes after the
 * last, widened to whole UTC days, so that no slot is partial. Undefined where there are none. Throws where one odd name would make
 * a range that nobody means.
 */
export function findRange(files: readonly ArchiveName[]): Range | undefined {
  const first = files[0]
  const last = files.at(-1)
  if (!first || !last) return undefined
  const range = snapOutward({ start: first.time - day, end: last.time + 15 * minute }, day)
  if (range.end - range.start > longestFound)
    throw usageError(
      `file names span ${Math.round((range.end - range.start) / year)} years: ${first.name} to ${last.name}`,
      'name the range with --start-time and --end-time; times in names are milliseconds',
    )
  return range
}

const year = 365 * day
const longestFound = 10 * year
