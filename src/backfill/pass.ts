import type { ArchiveBatch } from '../archive/batch.ts'
import type { CatalogueEntry } from '../archive/catalogue.ts'
import { createWatermark, neverClosing } from '../rollup/watermark.ts'
import type { FileEnd } from '../source/archive/file.ts'
import type { FileReading } from '../source/archive/reader.ts'
import { min5 } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import { createAccount } from './account.ts'
import { commitChunks } from './commit-chunks.ts'
import type { RunContext } from './context.ts'
import { addCounts, type Counts } from './counts.ts'
import { createMerger, type Merged, type Merger } from './merger.ts'
import { findLastFiles, type PassFile } from './plan.ts'
import type { KeptReject } from './rejects.ts'
import type { Report } from './report.ts'

/** One reading of files, in canonical order, that makes spans of 5m rollups. */
export interface PassPlan {
  /** Slot-aligned; what lies outside is out of range. */
  readonly range: Range
  /** The spans to make, none across an hour. */
  readonly targets: readonly Range[]
  /**
   * `buffer`: slots close once newer ones have followed. `lastFile`: everything is known of the files, so that a chunk closes after
   * the last one that feeds it, and no point is late.
   */
  readonly closing: 'buffer' | 'lastFile'
}

/** Told of what a pass comes across, line by line and file by file; throws to stop it. */
export interface PassGuard {
  late(lines: number, where: string): void
  rejects(counts: Counts): void
}

interface Pass extends PassPlan {
  readonly context: RunContext
  readonly guard: PassGuard
  readonly merger: Merger
  /** What was done of the targets when it began. */
  readonly doneBefore: readonly Range[]
  /** Where the counts of this pass go. */
  readonly counts: Counts
  /** Files that the catalogue is still to be told of. */
  readonly scanned: { entries: CatalogueEntry[]; rejects: KeptReject[] }
  /** Expected files that have fed nothing: they are still to be read, or could not be. */
  readonly unread: Set<string>
  /** Those of them that the catalogue knows to be whole, and that cannot be read so any more. */
  readonly lost: Set<string>
}

/** Runs a pass over some files. */
export async function runPass(
  context: RunContext,
  plan: PassPlan & { readonly files: readonly PassFile[] },
  guard: PassGuard,
): Promise<void> {
  const pass = openPass(context, plan, guard)
  pass.expect(plan.files)
  await pass.read(plan.files)
  await pass.finish()
}

/** A pass whose files are found while it goes on. */
export interface RunningPass {
  /** Tells which files are going to be read: a chunk that closes before them is known to lack them. */
  expect(files: readonly PassFile[]): void
  /** Reads some of the expected files, in their order; chunks are committed one by one as they close. */
  read(files: readonly PassFile[]): Promise<void>
  /** Closes the slots that start before `time`, whatever has followed them. */
  closeBefore(time: Time): Promise<void>
  /** Commits what is still open. */
  finish(): Promise<void>
}

/** Begins a pass. Whatever is not committed when one of its steps throws is still to do. */
export function openPass(context: RunContext, plan: PassPlan, guard: PassGuard): RunningPass {
  const { settings, report, catalogue } = context
  const isFirst = plan.closing === 'buffer'
  const merger = createMerger({
    ...plan,
    watermark: isFirst ? createWatermark(settings.bufferedSlots) : neverClosing,
    mean: settings.mean,
    dropsLate: isFirst && settings.late.kind !== 'reroll',
    isSealed: catalogue.isSealed,
  })
  const counts = isFirst ? report.counts : report.again
  const pass: Pass = {
    ...plan,
    context,
    guard,
    merger,
    doneBefore: plan.targets.flatMap((target) => context.ledger.done(min5, target)),
    counts,
    scanned: { entries: [], rejects: [] },
    unread: new Set(),
    lost: new Set(),
  }

  return {
    expect(files) {
      const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
      context.progress.expect({ bytes, files: files.length })
      for (const { file } of files) pass.unread.add(file.name)
    },
    async read(files) {
      try {
        await readFiles(pass, files)
      } catch (error) {
        // What has closed is whole, and whoever is told that too much was rejected wants to look at it.
        if (error instanceof UserError) await settle(pass, merger.completed())
        throw error
      }
    },
    closeBefore(time) {
      merger.closeBefore(time)
      return settle(pass, merger.completed())
    },
    finish: () => settle(pass, merger.take()),
  }
}

async function readFiles(pass: Pass, files: readonly PassFile[]): Promise<void> {
  const { context, merger, scanned } = pass
  const lastFiles = pass.closing === 'lastFile' ? findLastFiles(context.catalogue, pass.targets, files) : undefined
  for await (const { reading, ...passFile } of readInOrder(context, files)) {
    const { file } = passFile
    await mergeFile(pass, passFile, reading)
    const closed = lastFiles
      ? (lastFiles.get(file.name) ?? []).flatMap((window) => merger.take(window))
      : merger.completed()
    if (closed.length > 0 || scanned.entries.length >= settleEvery) await settle(pass, closed)
  }
  await settle(pass, [])
}

/** Files after which the catalogue is written even if no chunk has closed. */
const settleEvery = 256

/** Makes what has been scanned durable, then the chunks that have closed. */
async function settle(pass: Pass, closed: ReturnType<Merger['take']>): Promise<void> {
  const { context, scanned, unread, lost, counts } = pass
  await keepRejects(pass)
  await context.catalogue.add(scanned.entries.splice(0))
  await commitChunks(context, closed, { unread, lost, counts, isAgain: pass.closing === 'lastFile' })
}

async function keepRejects({ context, scanned }: Pass): Promise<void> {
  context.report.keptRejects += scanned.rejects.length
  await context.rejects.add(scanned.rejects.splice(0))
}

/** Opens files a few ahead of the one that is read. */
async function* readInOrder({ reader, settings, signal }: RunContext, files: readonly PassFile[]) {
  const open: (PassFile & { reading: FileReading })[] = []
  for (let next = 0; next < files.length || open.length > 0; ) {
    for (; next < files.length && open.length < settings.batchSize; next++) {
      open.push({ ...files[next], reading: reader.open(files[next].file, signal) })
    }
    signal.throwIfAborted()
    const first = open.shift()
    if (first) yield first
  }
}

async function mergeFile(pass: Pass, { file, isNew, isChanged }: PassFile, reading: FileReading): Promise<void> {
  const { context, guard, merger, counts, scanned } = pass
  const known = context.catalogue.get(file.name)
  const before = isChanged ? known?.feeds : undefined
  const account = createAccount({
    file,
    isNew,
    late: context.settings.late,
    doneBefore: pass.doneBefore,
    rejects: scanned.rejects,
  })
  let next = await reading.next()
  for (; !next.done; next = await reading.next()) {
    context.signal.throwIfAborted()
    const batch = next.value
    const merged = merger.add(batch.points, isNew, account.feed)
    account.add(batch, merged)
    addCounts(counts, countsOf(batch, merged))
    guard.late(merged.lateLines.length, file.name)
    guard.rejects(counts)
    context.progress.advance({ points: batch.counts.points })
  }
  const end = next.value
  const entry = account.entry(end)
  if (isLost(context, { known, end, isNew })) pass.lost.add(file.name)
  else pass.lost.delete(file.name)
  const isKept = isNew && !pass.lost.has(file.name)
  if (isKept) scanned.entries.push(entry)
  else if (known && !isNew && entry.counts.late > 0) scanned.entries.push(withLate(known, entry.counts.late))
  // What the file was before has been merged as well, and cannot be taken out again.
  for (const { hour } of [...(before ?? []), ...(isChanged ? entry.feeds : [])]) merger.spoil(hour)
  if (isKept || end.broken === undefined) pass.unread.delete(file.name)
  tellBroken(context.report, file.name, end.broken)
  context.report.files.read++
  context.report.files.bytes += file.size
  context.progress.advance({ bytes: file.size, files: 1 })
}

/** Whether what the catalogue knows of a file cannot be read any more: another run may find it whole again, so it stays known. */
function isLost(
  { settings }: RunContext,
  { known, end, isNew }: { known: CatalogueEntry | undefined; end: FileEnd; isNew: boolean },
): boolean {
  if (known === undefined || end.broken === undefined || (isNew && settings.allowShrink)) return false
  return known.broken === undefined || (!isNew && known.fingerprint !== end.fingerprint)
}

/** What is said of a file is how it was read last. */
function tellBroken(report: Report, file: string, reason: string | undefined): void {
  report.broken = report.broken.filter((other) => other.file !== file)
  if (reason !== undefined) report.broken.push({ file, reason })
}

const countsOf = (
  { counts }: ArchiveBatch,
  { rolled, late, unresolved, outOfRange, elsewhere }: Merged,
): Partial<Counts> => ({
  lines: counts.lines,
  rejectedLines: counts.rejectedLines,
  metrics: counts.metrics,
  outOfShard: counts.outOfShard,
  notNumeric: counts.notNumeric,
  rejected: counts.rejectedMetrics,
  rolled,
  late: late + unresolved,
  outOfRange,
  elsewhere,
})

/** What the catalogue is to know of a file of which more points were dropped. */
const withLate = (known: CatalogueEntry, more: number): CatalogueEntry => ({
  ...known,
  counts: { ...known.counts, late: known.counts.late + more },
})
