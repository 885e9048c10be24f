import type { ArchiveBatch } from '../archive/batch.ts'
import { type CatalogueEntry, type FileCounts, slotBit } from '../archive/catalogue.ts'
import type { ArchiveFile, FileEnd } from '../source/archive/file.ts'
import { contains, floorTo, hour, type Range, type Time } from '../time/range.ts'
import type { LatePolicy } from './late.ts'
import type { Merged } from './merger.ts'
import { type KeptReject, lineRejects } from './rejects.ts'

export interface AccountOptions {
  readonly file: ArchiveFile
  /** Whether the catalogue does not know the file yet, or not as it is now. */
  readonly isNew: boolean
  readonly late: LatePolicy
  /** What was done when the pass that reads the file began. */
  readonly doneBefore: readonly Range[]
  /** Where what the rejects file is to know of it goes. */
  readonly rejects: KeptReject[]
}

/** Keeps account of a file while a pass reads it. */
export interface Account {
  /** Told of every slot that it has points of and whose chunk can still be made. */
  feed(slot: Time): void
  /** Told of every batch, and of what merging it has come to. */
  add(batch: ArchiveBatch, merged: Merged): void
  /** What the catalogue is to know of it. */
  entry(end: FileEnd): CatalogueEntry
}

export function createAccount({ file, isNew, late, doneBefore, rejects }: AccountOptions): Account {
  /** Late points of what was done are known from the run that has made it. */
  const isDropped = (time: Time) =>
    late.kind !== 'reroll' && (isNew || !doneBefore.some((span) => contains(span, time)))
  const feeds = new Map<Time, number>()
  const counts = {
    lines: 0,
    rejectedLines: 0,
    metrics: 0,
    notNumeric: 0,
    outOfShard: 0,
    rejected: 0,
    late: 0,
    unresolved: 0,
  }

  return {
    feed(slot) {
      const start = floorTo(slot, hour)
      feeds.set(start, (feeds.get(start) ?? 0) | slotBit(slot))
    },
    add(batch, { lateLines, unresolved, unresolvedLines }) {
      const { lines, rejectedLines, metrics, notNumeric, outOfShard, rejectedMetrics } = batch.counts
      const more = { lines, rejectedLines, metrics, notNumeric, outOfShard, rejected: rejectedMetrics }
      for (const [name, value] of Object.entries(more)) counts[name as keyof FileCounts] += value
      counts.unresolved += unresolved
      if (isNew) for (const reject of batch.rejects) rejects.push({ file: file.name, ...reject })
      for (const i of lateLines.filter((line) => isDropped(batch.points.time[line]))) {
        const dropped = lineRejects('late', { file, batch, i })
        counts.late += dropped.length
        for (const reject of dropped) rejects.push(reject)
      }
      for (const i of unresolvedLines)
        for (const reject of lineRejects('unresolved', { file, batch, i })) rejects.push(reject)
    },
    entry({ fingerprint, broken }) {
      const { name, time, chunk, size, etag } = file
      const fed = [...feeds].map(([start, slots]) => ({ hour: start, slots }))
      return { name, time, chunk, size, etag, fingerprint, feeds: fed, counts, broken }
    },
  }
}
