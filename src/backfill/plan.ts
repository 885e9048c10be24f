import type { Catalogue } from '../archive/catalogue.ts'
import { type ArchiveName, compareNames, isSelected, type NameMargins } from '../archive/names.ts'
import type { Bucket } from '../bucket/bucket.ts'
import { type ArchiveFile, peekFingerprint } from '../source/archive/file.ts'
import { chunkOf, min5 } from '../time/granularity.ts'
import { floorTo, hull, type Range, type Time } from '../time/range.ts'
import { findHeld, type Held } from './held.ts'
import type { LatePolicy } from './late.ts'
import type { Ledger } from './ledger.ts'

/** A file to read in a pass. */
export interface PassFile {
  readonly file: ArchiveFile
  /** Whether the catalogue does not know it yet, or not as it is now. */
  readonly isNew: boolean
  /** Whether this pass has read it before, when it was not as it is now. */
  readonly isChanged?: boolean
}

/** The parts of a range that are to be made: those not done, and those whose file is gone. */
export async function missingSpans(held: Held, range: Range): Promise<Range[]> {
  const { gone } = await findHeld(held, { granularity: min5, range })
  const lost = gone.map(({ start, end }) => ({ start, end }))
  return [...held.ledger.missing(min5, range), ...lost].sort((a, b) => a.start - b.start)
}

/** The done spans, in range or not, that other inputs would feed today than did when they were made. */
export function staleSpans(ledger: Ledger, catalogue: Catalogue): Range[] {
  return ledger
    .spans(min5)
    .filter((span) => span.inputs !== catalogue.inputsOf(span))
    .map(({ start, end }) => ({ start, end }))
}

/** Which of the selected files the catalogue does not know as they are now; broken ones are tried again. */
export async function findNewFiles(
  { bucket, signal }: { bucket: Bucket; signal: AbortSignal },
  catalogue: Catalogue,
  selected: readonly ArchiveFile[],
): Promise<Set<string>> {
  const news = new Set<string>()
  for (const file of selected) {
    const known = catalogue.get(file.name)
    if (!known || known.size !== file.size || known.broken !== undefined) news.add(file.name)
    else if (known.etag !== file.etag && (await peekFingerprint(bucket, file, signal)) !== known.fingerprint)
      news.add(file.name)
  }
  return news
}

/** The files that are known to feed some spans, in canonical order. */
export function filesOf(catalogue: Catalogue, spans: readonly Range[]): ArchiveFile[] {
  const entries = new Map(spans.flatMap((span) => catalogue.feeding(span)).map((entry) => [entry.name, entry]))
  return [...entries.values()].sort(compareNames)
}

/**
 * The name time up to which the files of a range have been read: that of the last whole one, or of the first one listed that is still
 * unread. An earlier run may have read files that are named later than it.
 */
export function readUpTo(
  catalogue: Catalogue,
  listed: readonly ArchiveName[],
  { range, margins }: { range: Range; margins: NameMargins },
): Time {
  let last = Number.NEGATIVE_INFINITY
  for (const file of catalogue.all()) {
    if (file.broken === undefined && file.time > last && isSelected(file, range, margins)) last = file.time
  }
  for (const file of listed) {
    if (file.time < last && isSelected(file, range, margins) && !catalogue.get(file.name)) last = file.time
  }
  return last
}

/** A first pass that makes all of its targets: spans whose file is gone are made as a whole, also where they go beyond the range. */
export const planFirstPass = (range: Range, targets: readonly Range[]) =>
  ({ range: hull([range, ...targets]), targets, closing: 'buffer' }) as const

/** The files of a first pass: those that are new, and those known to feed what is to be made. */
export function filesOfFirstPass(
  { catalogue, selected }: { catalogue: Catalogue; selected: readonly ArchiveFile[] },
  news: ReadonlySet<string>,
  { targets, late }: { targets: readonly Range[]; late: LatePolicy },
): PassFile[] {
  // Which points are late depends on all points before them, so what drops late points must read them all.
  const readsAll = late.kind !== 'reroll' && targets.length > 0
  const chosen = new Map(filesOf(catalogue, targets).map((file) => [file.name, file]))
  for (const file of selected) if (readsAll || news.has(file.name) || chosen.has(file.name)) chosen.set(file.name, file)
  return [...chosen.values()].sort(compareNames).map((file) => ({ file, isNew: news.has(file.name) }))
}

/**
 * Groups spans that are to be made again into passes, so that in none of them more than `limit` hours are open at once: an hour is open
 * from the first file that feeds it to the last.
 */
export function groupIntoPasses(spans: readonly Range[], catalogue: Catalogue, limit: number): Range[][] {
  const passes: Range[][] = []
  let ends: ArchiveName[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const feeding = catalogue.feeding(span)
    const [first, last] = [feeding[0], feeding.at(-1)]
    if (first) ends = ends.filter((end) => compareNames(end, first) >= 0)
    if (passes.length === 0 || ends.length >= limit) {
      passes.push([])
      ends = []
    }
    passes.at(-1)?.push(span)
    if (last) ends.push(last)
  }
  return passes
}

/** The hours whose last file each file is. */
export function findLastFiles(
  catalogue: Catalogue,
  targets: readonly Range[],
  files: readonly PassFile[],
): Map<string, Range[]> {
  const present = new Set(files.map(({ file }) => file.name))
  const closing = new Map<string, Range[]>()
  for (const start of new Set(targets.map((span) => floorTo(span.start, min5.chunk)))) {
    const hour = chunkOf(min5, start)
    const last = catalogue.feeding(hour).findLast(({ name }) => present.has(name))
    if (last) closing.set(last.name, [...(closing.get(last.name) ?? []), hour])
  }
  return closing
}
