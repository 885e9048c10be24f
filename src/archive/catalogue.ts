import { createHash } from 'node:crypto'
import { hour, minute, type Range, type Time } from '../time/range.ts'
import type { FileSystem } from '../util/files.ts'
import { openJournal } from '../util/journal.ts'
import { type ArchiveName, compareNames } from './names.ts'

/** The slots of one hour that a file holds points for: bit n of `slots` is its n-th five minutes. */
export interface Feed {
  readonly hour: Time
  readonly slots: number
}

/** What became of a file's lines and metrics when it was scanned. */
export interface FileCounts {
  readonly lines: number
  /** Lines that were rejected, or of which a metric was. */
  readonly rejectedLines: number
  readonly metrics: number
  readonly notNumeric: number
  readonly outOfShard: number
  readonly rejected: number
  /** Points that came too late and were dropped, by the late policy. */
  readonly late: number
  /** Points of chunks that could not be made again, since files that feed them had been removed. */
  readonly unresolved?: number
}

/** What is known of an archive file that has been scanned. */
export interface CatalogueEntry extends ArchiveName {
  readonly size: number
  /** The bucket's ETag when it was scanned: while it stands the file need not be looked into. */
  readonly etag: string
  /** Changes with the content on every bucket: size and gzip trailer. */
  readonly fingerprint: string
  /** Every hour that the file's points belong to, in range or not. */
  readonly feeds: readonly Feed[]
  readonly counts: FileCounts
  /** Why only a part of the file could be read. */
  readonly broken?: string
  /** Set once a run has removed the file, or is about to: nothing is left for it to do. */
  readonly isRemoved?: true
}

/** The archive files that a job has scanned, in a journal. An entry stays when its file vanishes. */
export interface Catalogue {
  get(name: string): CatalogueEntry | undefined
  /** Records scanned files; durable on return. */
  add(entries: readonly CatalogueEntry[]): Promise<void>
  /** The files that hold points of a range, in canonical order. */
  feeding(range: Range): CatalogueEntry[]
  /** A digest of the files that hold points of a range, but for those named; changes when one is added or its content changes. */
  inputsOf(range: Range, without?: ReadonlySet<string>): string
  /** Whether a file that holds points of an hour has been removed, so that its chunk cannot be made again. */
  isSealed(slot: Time): boolean
  /** Every entry. */
  all(): Iterable<CatalogueEntry>
  close(): Promise<void>
}

export async function openCatalogue(files: FileSystem, path: string, mode?: 'write' | 'read'): Promise<Catalogue> {
  const journal = await openJournal<CatalogueEntry>(files, path, mode)
  const byName = new Map<string, CatalogueEntry>()
  const byHour = new Map<Time, Set<string>>()
  const sealed = new Set<Time>()
  const index = (entry: CatalogueEntry) => {
    const known = byName.get(entry.name)
    for (const feed of known?.feeds ?? []) byHour.get(feed.hour)?.delete(entry.name)
    byName.set(entry.name, entry)
    for (const feed of entry.feeds) {
      byHour.set(feed.hour, (byHour.get(feed.hour) ?? new Set()).add(entry.name))
      if (entry.isRemoved) sealed.add(feed.hour)
    }
  }
  for (const entry of journal.entries) index(entry)

  const feeding = (range: Range) => {
    const found = new Set<CatalogueEntry>()
    for (const [start, mask] of slotMasks(range)) {
      for (const name of byHour.get(start) ?? []) {
        const entry = byName.get(name)
        if (entry?.feeds.some((feed) => feed.hour === start && (feed.slots & mask) !== 0)) found.add(entry)
      }
    }
    return [...found].sort(compareNames)
  }

  return {
    get: (name) => byName.get(name),
    async add(entries) {
      await journal.append(entries)
      for (const entry of entries) index(entry)
    },
    feeding,
    inputsOf(range, without) {
      const hash = createHash('sha256')
      for (const { name, fingerprint } of feeding(range)) {
        if (!without?.has(name)) hash.update(`${JSON.stringify(name)} ${fingerprint}\n`)
      }
      return hash.digest('hex').slice(0, 32)
    },
    isSealed: (slot) => sealed.size > 0 && sealed.has(Math.floor(slot / hour) * hour),
    all: () => byName.values(),
    close: () => journal.close(),
  }
}

/** The bit of the five minutes that start at `slot`. */
export const slotBit = (slot: Time): number => 1 << ((slot - Math.floor(slot / hour) * hour) / (5 * minute))

/** The hours of a slot-aligned range, each with the bits of its slots. */
function* slotMasks({ start, end }: Range): Iterable<[Time, number]> {
  for (let from = Math.floor(start / hour) * hour; from < end; from += hour) {
    let mask = 0
    for (let slot = Math.max(from, start); slot < Math.min(from + hour, end); slot += 5 * minute) mask |= slotBit(slot)
    yield [from, mask]
  }
}
