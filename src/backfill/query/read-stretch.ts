import { join } from 'node:path'
import type { PointBatch } from '../../metric/points.ts'
import type { Query } from '../../source/source.ts'
import { hull, type Range, requireShort } from '../../time/range.ts'
import type { BackfillOptions } from './options.ts'
import { chooser, readSplitting } from './read.ts'
import type { Remark } from './report.ts'
import { openStage, type Stage } from './stage.ts'

/** What reading stretches of a range takes, and fills in. */
export interface Reading {
  readonly options: Pick<BackfillOptions, 'from' | 'metrics'>
  readonly query: Query
  readonly resolution?: number
  /** Folder for what does not outlive the run. */
  readonly temporary: string
  readonly shape: (batch: PointBatch) => PointBatch
  /** Names of metrics that gave points. */
  readonly found: Set<string>
  readonly report: {
    readonly counts: { read: number; notWanted: number }
    readonly notices: Remark[]
  }
}

/** Reads a stretch, whole, onto the disk: in halves where it is too large at once, chosen and shaped. */
export async function readStretch(reading: Reading, stretch: Range, signal: AbortSignal): Promise<Stage> {
  signal.throwIfAborted()
  const stage = await openStage(join(reading.temporary, `${stretch.start}-${stretch.end}.points`))
  try {
    await readIntoStage(reading, stage, { stretch, signal })
    return stage
  } catch (error) {
    await stage[Symbol.asyncDispose]()
    throw error
  }
}

async function readIntoStage(
  { options, query, resolution, report, shape, found }: Reading,
  stage: Stage,
  { stretch, signal }: { stretch: Range; signal: AbortSignal },
): Promise<void> {
  const choose = chooser(options.metrics, found)
  const onNotice = (text: string) => void report.notices.push({ range: stretch, text })
  const request = { query, range: stretch, resolution }
  const counts = { read: 0, notWanted: 0 }
  for await (const batch of readSplitting(options.from.source, request, { signal, onNotice })) {
    const chosen = choose(batch, stretch)
    counts.read += batch.length
    counts.notWanted += batch.length - chosen.length
    if (chosen.length > 0) await stage.add(shape(chosen))
  }
  // What fails half-way is read again, as if it had not been.
  report.counts.read += counts.read
  report.counts.notWanted += counts.notWanted
}

/**
 * The hull of what is there without anybody having named a range.
 * @throws a usage error where one odd time makes it too long to go through
 */
export const hullOf = (windows: readonly Range[]): Range | undefined =>
  windows.length === 0 ? undefined : requireShort(hull(windows), 'points span')
