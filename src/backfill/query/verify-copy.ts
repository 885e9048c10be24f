import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arrangePoints } from '../../metric/arrange-points.ts'
import { type PointBatch, selectPoints } from '../../metric/points.ts'
import { shaper } from '../../metric/shape.ts'
import { addTallies, type SeriesTallies, type Summary, talliesOf } from '../../metric/summary.ts'
import type { Query, Source } from '../../source/source.ts'
import { full } from '../../time/granularity.ts'
import { always, contains, type Range, split, type Time, union } from '../../time/range.ts'
import { turnstile } from '../../util/concurrency.ts'
import { nodeFiles } from '../../util/files.ts'
import { differences } from '../proof.ts'
import { eachStretch } from './each-stretch.ts'
import { isMade } from './holes.ts'
import type { BackfillEffects, BackfillOptions } from './options.ts'
import { type Reading, readStretch } from './read-stretch.ts'
import type { Remark } from './report.ts'
import { findTarget, type Target } from './run.ts'
import { openStage, type Stage } from './stage.ts'
import { cutIntoStretches } from './stretches.ts'

/** What is read, and how it is shaped, as a backfill does it; and where the copy is. */
export interface VerifyOptions
  extends Pick<BackfillOptions, 'from' | 'metrics' | 'shape' | 'range' | 'concurrency' | 'order'> {
  readonly copy: Source
}

/** A series that is not the same on both sides; absent where a side has no point of it. */
export interface SeriesDifference {
  readonly series: string
  readonly from?: Summary
  readonly to?: Summary
  /** The chunks that differ: how many, and the first. */
  readonly chunks: number
  readonly first: Range
}

/** What a comparison has come to. */
export interface Comparison {
  /** Absent: all that there is. */
  readonly range?: Range
  readonly unsettledUntil?: Time
  readonly series: number
  readonly same: number
  /** That were read, of the source. */
  readonly points: number
  readonly different: readonly SeriesDifference[]
  /** Parts that could not be read, and so were not compared. */
  readonly failed: readonly Remark[]
  /** What the source has said. */
  readonly notices: readonly Remark[]
  /** Metrics that were asked for and gave no points. */
  readonly missingMetrics: readonly string[]
}

/**
 * Compares what a source has, shaped, with somebody's copy of it: chunk by chunk and series by series, as both of them can hold it.
 * Memory holds a chunk, and a few numbers for each series; both sides lie on the disk meanwhile.
 */
export async function verifyCopy(
  options: VerifyOptions,
  effects: Pick<BackfillEffects, 'signal' | 'now' | 'onStretch'>,
): Promise<Comparison> {
  const target = await findTarget({ ...options, step: 1 }, { now: effects.now(), signal: effects.signal })
  const temporary = await mkdtemp(join(tmpdir(), 'retrofill-'))
  try {
    return await compare({ options, target, temporary }, effects)
  } finally {
    await nodeFiles.remove(temporary)
  }
}

interface Work {
  readonly options: VerifyOptions
  readonly target: Target
  readonly temporary: string
}

async function compare(
  { options, target, temporary }: Work,
  { signal, onStretch }: Pick<BackfillEffects, 'signal' | 'onStretch'>,
): Promise<Comparison> {
  const { from, concurrency, order } = options
  const { range = always, query, limits, unsettledUntil } = target
  const [inPlace, inTurn] = [turnstile(concurrency), turnstile(1)]
  const report = { counts: { read: 0, notWanted: 0 }, notices: [] }
  const found = new Set<string>()
  const shape = shaper(options.shape)
  const reading: Reading = { options, query, resolution: limits.resolution, temporary, shape, found, report }
  const comparer = openComparer({ from: from.source, copy: options.copy })
  const failed: Remark[] = []
  const onFailure = async (stretch: Range, text: string) => void failed.push({ range: stretch, text })
  await using copy = await stageCopy(options, { path: join(temporary, 'copy.points'), range, signal })
  const stretches = cutIntoStretches([range], { span: target.range && limits.span, order })
  await eachStretch(stretches, { concurrency, signal, onFailure, onStretch }, async (stretch, inner) => {
    await using stage = await inPlace(() => readStretch(reading, stretch, inner), inner)
    await inTurn(() => comparer.compare({ from: stage, to: copy }, stretch), inner)
  })
  return {
    range: target.range,
    unsettledUntil,
    ...comparer.result(),
    points: report.counts.read - report.counts.notWanted,
    failed,
    notices: report.notices,
    missingMetrics: (options.metrics ?? []).filter((name) => !found.has(name)),
  }
}

/** Reads the copy, once: the series that the source may have given. */
async function stageCopy(
  options: VerifyOptions,
  { path, range, signal }: { path: string; range: Range; signal: AbortSignal },
): Promise<Stage> {
  const stage = await openStage(path)
  try {
    for await (const batch of options.copy.read(globOf(options), range, { signal })) {
      const wanted = selectPoints(batch, (text) => isMade(text, options))
      if (wanted.length > 0) await stage.add(wanted)
    }
    return stage
  } catch (error) {
    await stage[Symbol.asyncDispose]()
    throw error
  }
}

/** One metric alone is looked for by the name that it gets; several are chosen among all. */
function globOf({ metrics, shape }: VerifyOptions): Query {
  if (metrics?.length !== 1) return {}
  const name = shape.rename.get(metrics[0])?.name ?? metrics[0]
  return /^[\w.-]+$/.test(name) ? { glob: `${name}*` } : {}
}

/** The parts of a stretch that are compared one by one: hours, of which those without points are left out where it has no bounds. */
function partsOf(stretch: Range, { from, to }: Both<Stage>): Range[] {
  const parts = stretch === always ? union([...from.windows, ...to.windows]) : [stretch]
  return parts.flatMap((part) => split(part, full.chunk))
}

type Both<T> = { readonly from: T; readonly to: T }

/** Compares parts of two stages as both sides can hold them, and adds them up. */
function openComparer({ from, copy }: { from: Source; copy: Source }) {
  const totals: Both<SeriesTallies> = { from: new Map(), to: new Map() }
  const chunks = new Map<string, { chunks: number; first: Range }>()
  const held = (points: PointBatch, { normalise }: Source) => arrangePoints([normalise?.(points) ?? points])

  return {
    async compare(stages: Both<Stage>, stretch: Range): Promise<void> {
      for (const part of partsOf(stretch, stages)) {
        const theirs = selectPoints((await stages.to.read(part)).points, (_text, time) => contains(part, time))
        const read = talliesOf(held((await stages.from.read(part)).points, copy))
        const found = talliesOf(held(theirs, from))
        addTallies(totals.from, read)
        addTallies(totals.to, found)
        for (const { series } of differences({ read, found })) {
          const known = chunks.get(series) ?? { chunks: 0, first: part }
          chunks.set(series, { ...known, chunks: known.chunks + 1 })
        }
      }
    },
    result() {
      const different = differences({ read: totals.from, found: totals.to }).map(({ series, read, found }) => ({
        series,
        ...(read && { from: read }),
        ...(found && { to: found }),
        ...(chunks.get(series) ?? { chunks: 0, first: always }),
      }))
      const series = new Set([...totals.from.keys(), ...totals.to.keys()]).size
      return { series, same: series - different.length, different }
    },
  }
}
