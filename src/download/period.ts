import {
  type ArchiveName,
  defaultMargins,
  isSelected,
  type NameBounds,
  type NameMargins,
  type NameParser,
  nameBounds,
  nameParser,
} from '../archive/names.ts'
import type { Range, Time } from '../time/range.ts'

/** Which files are wanted: those whose name time lies in the range or within the margins around it. */
export interface Period {
  readonly range: Range
  readonly margins: NameMargins
  readonly parse: NameParser
  /** Between which names they lie, both ends excluded; undefined where names do not begin with a date. */
  readonly bounds?: NameBounds
}

export interface PeriodOptions {
  readonly range: Range
  readonly margins?: NameMargins
  /** A regular expression for names, as {@link nameParser} takes it. */
  readonly namePattern?: string
}

export function period({ range, margins = defaultMargins, namePattern }: PeriodOptions): Period {
  const bounds = namePattern === undefined ? nameBounds(range, margins) : undefined
  return { range, margins, parse: safeParser(nameParser(namePattern)), bounds }
}

/** The name's parts if it is wanted. */
export function findWanted(name: string, { range, margins, parse }: Period): ArchiveName | undefined {
  const parsed = parse(name)
  return parsed && isSelected(parsed, range, margins) ? parsed : undefined
}

/** When the last file of the period can be made. */
export const lastInstant = ({ range, margins }: Period): Time => range.end + margins.after

/** A name becomes a file's name: it must stay in the directory, and not be one of our own. */
const safeParser =
  (parse: NameParser): NameParser =>
  (name) =>
    /^\.|[/\\\0]/.test(name) ? undefined : parse(name)
