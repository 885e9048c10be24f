import { parseSeries } from '../../metric/series.ts'
import { fixedTags, mayBecome } from '../../metric/shape.ts'
import { lakeSource } from '../../source/lake.ts'
import type { Source } from '../../source/source.ts'
import { storeSource } from '../../source/store.ts'
import { findLake } from '../../store/lake/layout.ts'
import { isFile } from '../../store/open.ts'
import { chunksOf, full } from '../../time/granularity.ts'
import { intersect, type Range, snapOutward, union } from '../../time/range.ts'
import { nodeFiles } from '../../util/files.ts'
import type { Held } from '../held.ts'
import { findGaps } from './gaps.ts'
import type { BackfillOptions } from './options.ts'
import { findTodo } from './stretches.ts'

/** The parts of a range in which some series that a store holds, of those that a backfill makes, has no points; all of it where it holds none. */
async function findHoles(options: BackfillOptions, range: Range, signal: AbortSignal): Promise<Range[]> {
  const source = await sourceOf(options)
  if (!source) return [range]
  const gaps = await findGaps(source, { every: options.onlyMissing?.every, range, signal })
  const wanted = gaps.filter(({ series }) => isMade(series, options))
  return wanted.length === 0 ? [range] : union(wanted.flatMap(({ holes }) => holes))
}

/** What the store holds, as a source; undefined where there is nothing yet. */
async function sourceOf({ to }: BackfillOptions): Promise<Source | undefined> {
  if (to.kind === 'lake') return (await findLake(nodeFiles, to.path)) ? lakeSource(to.path) : undefined
  return to.kind === 'file' && !(await isFile(to.path)) ? undefined : storeSource(to.store)
}

/** Whether a series of a store may be what a backfill makes of its metrics: by its name, its metric type and the tags that are set. */
export function isMade(text: string, { metrics, shape }: Pick<BackfillOptions, 'metrics' | 'shape'>): boolean {
  const { name, tags } = parseSeries(text)
  const own = new Map(tags)
  const has = (fixed: ReadonlyMap<string, string>) => [...fixed].every(([tag, value]) => own.get(tag) === value)
  if (!metrics) return has(fixedTags(shape))
  const newName = (metric: string) => shape.rename.get(metric)?.name ?? parseSeries(metric).name
  return metrics.some((metric) => mayBecome(newName(metric), name) && has(fixedTags(shape, metric)))
}

/** What is to be read of a range: what is not done, or the hours in which what the store holds has holes. */
export async function findToRead(
  options: BackfillOptions,
  { inputs, signal, ...held }: Held & { inputs: string; signal: AbortSignal },
  range: Range,
): Promise<Range[]> {
  const { once } = options.from.source
  if (!options.onlyMissing) return once ? [range] : findTodo(held, range, { inputs, refresh: options.refresh })
  const holes = await findHoles(options, range, signal)
  const begun = await findBegun(held, range)
  const parts = union([...holes, ...begun].map((hole) => intersect(snapOutward(hole, full.chunk), range)))
  if (once) return parts
  const todo: Range[] = []
  for (const part of parts) todo.push(...(await findTodo(held, part, { inputs, refresh: part })))
  return union(todo)
}

/** The hours that hold rows of a job which its ledger does not know: a run was killed there, and they may have no hole any more. */
async function findBegun({ ledger, lakeOf }: Held, range: Range): Promise<Range[]> {
  const lake = await lakeOf('lake')
  const begun: Range[] = []
  for (const window of chunksOf(full, range))
    if (ledger.isBegun(full, window) || (ledger.done(full, window).length === 0 && (await lake.has(full, window))))
      begun.push(window)
  return begun
}
