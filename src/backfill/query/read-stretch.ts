import { join } from 'node:path'
import type { PointBatch } from '../../metric/points.ts'
import type { Query } from '../../source/source.ts'
import { full } from '../../time/granularity.ts'
import { always, day, formatRange, hull, type Range, split } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'
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
  for await (const batch of readSplitting(options.from.source, request, { signal, onNotice })) {
    const chosen = choose(batch, stretch)
    report.counts.read += batch.length
    report.counts.notWanted += batch.length - chosen.length
    if (chosen.length > 0) await stage.add(shape(chosen))
  }
}

/**
 * The parts of a stretch that are looked at one by one. Where it has no bounds, they are those of the points of some stages.
 * @throws a usage error where those lie as far apart as nobody means
 */
export function partsOf(stretch: Range, ...stages: readonly Stage[]): Range[] {
  if (stretch !== always) return split(stretch, full.chunk)
  const windows = stages.flatMap((stage) => stage.windows)
  return windows.length === 0 ? [] : split(hullOf(windows), full.chunk)
}

const year = 365 * day
const longest = 100 * year

/** The hull of what is there without anybody having named a range. Throws a usage error where one odd time makes it too long to go through. */
export function hullOf(windows: readonly Range[]): Range {
  const range = hull(windows)
  const years = Math.round((range.end - range.start) / year)
  if (range.end - range.start > longest)
    throw usageError(
      `points span ${years} years: ${formatRange(range)}`,
      'name the range with --start-time and --end-time; times are milliseconds',
    )
  return range
}
