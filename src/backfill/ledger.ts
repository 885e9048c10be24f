import type { Summary } from '../metric/summary.ts'
import { chunkOf, type Granularity, parseGranularity } from '../time/granularity.ts'
import { intersect, isEmpty, overlaps, type Range, split, subtract, type Time } from '../time/range.ts'
import type { FileSystem } from '../util/files.ts'
import { openJournal } from '../util/journal.ts'

/** A slot-aligned part of a chunk that is done: durable, and as its inputs were then. */
export interface Span extends Range {
  /** A digest of what fed it. */
  readonly inputs: string
  /** Points that the rows count. */
  readonly points: number
  /** Points that another one of the same series and millisecond has replaced. */
  readonly duplicates: number
  readonly rows: number
  /** Of the rows; see `checksum`. */
  readonly checksum: string
  /** Which lake holds the rows: the one asked for, or the staging lake in the job's state. */
  readonly held: 'lake' | 'staging'
  /** Files that hold points of it, but could not be read when it was made; absent where there were none. */
  readonly without?: readonly string[]
  readonly madeAt: Time
  /** What its rows come to together, read back from where they belong and found equal; absent where they were not read back whole. */
  readonly proven?: Summary
  /** When another store was made to hold the rows, and with what settings; absent where it was not, or not with these rows. */
  readonly pushed?: { readonly at: Time; readonly as: string }
}

interface LedgerEntry {
  readonly granularity: string
  /** The start of the chunk. */
  readonly chunk: Time
  /** In time order, disjoint. */
  readonly spans: readonly Span[]
  /** Why the last attempt to make it failed. */
  readonly failed?: string
  /** Whether a run has begun to make it again and not ended: its rows may be others than the spans tell. */
  readonly begun?: true
}

/** What a job has done, chunk by chunk, in a journal. */
export interface Ledger {
  /** The spans that are done and touch a range, in time order. */
  done(granularity: Granularity, range: Range): Span[]
  /** All spans of a granularity that are done, in time order. */
  spans(granularity: Granularity): Span[]
  /** The parts of a range that are not done, cut at the chunk grid. */
  missing(granularity: Granularity, range: Range): Range[]
  /** Starts of the chunks of a granularity that have done spans, in time order. */
  chunks(granularity: Granularity): Time[]
  /** The granularities that have chunks. */
  granularities(): Granularity[]
  /** Remembers, until it has ended, that the chunk that a range lies in is about to be made again, if any of it is done; durable on return. */
  begin(granularity: Granularity, range: Range): Promise<void>
  /** Whether making the chunk that a range lies in again has begun and not ended. */
  isBegun(granularity: Granularity, range: Range): boolean
  /** Records that the rows of the chunks that some ranges lie in are those that the spans tell; durable on return. */
  end(granularity: Granularity, ranges: readonly Range[]): Promise<void>
  /** Records spans, each in place of what it overlaps; durable on return. */
  record(granularity: Granularity, spans: readonly Span[]): Promise<void>
  /** Remembers that a chunk could not be made; what is done of it stays done. */
  fail(granularity: Granularity, chunk: Time, reason: string): Promise<void>
  /** Chunks whose last attempt failed, with the reason. */
  failed(granularity: Granularity): { readonly chunk: Time; readonly reason: string }[]
  close(): Promise<void>
}

export async function openLedger(files: FileSystem, path: string, mode?: 'write' | 'read'): Promise<Ledger> {
  const { entries, entryOf, append, close } = await openEntries(files, path, mode)
  const spansOf = (granularity: Granularity, time: Time) => entryOf(granularity, time).spans
  const chunks = ({ name }: Granularity) =>
    [...entries.values()]
      .filter((entry) => entry.granularity === name && entry.spans.length > 0)
      .map((entry) => entry.chunk)
      .sort((a, b) => a - b)
  const done = (granularity: Granularity, range: Range) =>
    split(range, granularity.chunk)
      .flatMap(({ start }) => spansOf(granularity, start))
      .filter((span) => overlaps(span, range))

  return {
    done,
    missing: (granularity, range) =>
      split(range, granularity.chunk).flatMap((part) => subtract(part, spansOf(granularity, part.start))),
    chunks,
    spans: (granularity) => chunks(granularity).flatMap((start) => spansOf(granularity, start)),
    granularities: () => [...new Set([...entries.values()].map((entry) => entry.granularity))].map(parseGranularity),
    async begin(granularity, { start }) {
      const entry = entryOf(granularity, start)
      if (entry.spans.length > 0) await append([{ ...entry, begun: true }])
    },
    isBegun: (granularity, { start }) => entryOf(granularity, start).begun === true,
    async end(granularity, ranges) {
      const chunks = new Set(ranges.map(({ start }) => chunkOf(granularity, start).start))
      const begun = [...chunks].map((chunk) => entryOf(granularity, chunk)).filter((entry) => entry.begun)
      await append(begun.map(({ begun: _, ...entry }) => entry))
    },
    async record(granularity, spans) {
      const changed = new Map<Time, LedgerEntry>()
      for (const span of spans) {
        const chunk = chunkOf(granularity, span.start).start
        const { failed: _, ...entry } = changed.get(chunk) ?? entryOf(granularity, chunk)
        changed.set(chunk, { ...entry, spans: insert(entry.spans, span) })
      }
      await append([...changed.values()])
    },
    fail: (granularity, chunk, failed) => append([{ ...entryOf(granularity, chunk), failed }]),
    failed: ({ name }) =>
      [...entries.values()].flatMap(({ granularity, chunk, failed }) =>
        granularity === name && failed !== undefined ? [{ chunk, reason: failed }] : [],
      ),
    close,
  }
}

/** The last entry of each chunk. */
async function openEntries(files: FileSystem, path: string, mode?: 'write' | 'read') {
  const journal = await openJournal<LedgerEntry>(files, path, mode)
  const entries = new Map<string, LedgerEntry>()
  const keyOf = (granularity: string, chunk: Time) => `${granularity} ${chunk}`
  const put = (entry: LedgerEntry) => void entries.set(keyOf(entry.granularity, entry.chunk), entry)
  journal.entries.forEach(put)

  return {
    entries,
    /** The entry of the chunk that a time lies in; where there is none, one that tells nothing. */
    entryOf(granularity: Granularity, time: Time): LedgerEntry {
      const chunk = chunkOf(granularity, time).start
      return entries.get(keyOf(granularity.name, chunk)) ?? { granularity: granularity.name, chunk, spans: [] }
    },
    async append(changed: readonly LedgerEntry[]): Promise<void> {
      await journal.append(changed)
      changed.forEach(put)
    },
    close: () => journal.close(),
  }
}

/** Adds a span to the done ones of its chunk. What it overlaps it replaces, and so must cover. */
function insert(spans: readonly Span[], span: Span): Span[] {
  const kept = spans.filter((other) => isEmpty(intersect(other, span)))
  return [...kept, span].sort((a, b) => a.start - b.start)
}
