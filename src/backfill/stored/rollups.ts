import { arrange, within } from '../../metric/arrange.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import { coarsen } from '../../rollup/coarsen.ts'
import { coarsenLikeBlueflood } from '../../rollup/reference.ts'
import { finerThan, type Granularity } from '../../time/granularity.ts'
import { day, hull, intersect, isEmpty, type Range, snapOutward, split } from '../../time/range.ts'
import { commitLevel, readRows, widen } from './level.ts'
import type { LevelSpan, StoredContext, StoredOptions } from './options.ts'
import { wholeSeries } from './whole-series.ts'

/** Makes levels of a store's rollups, day by day: the base is read once for all of them. */
export async function makeFromRollups(context: StoredContext, base: Granularity): Promise<void> {
  const { range, granularities } = context.options
  const coarsest = granularities[granularities.length - 1]
  const windows = split(snapOutward(range, coarsest.size), day)
  for (const [w, window] of windows.entries()) {
    const spans = granularities.flatMap((granularity) => spanIn(context, granularity, window))
    const parts = spans.map((): RollupBatch[] => [])
    const read = readRows(context, { granularity: base, range: hull(spans.map((span) => span.range)) })
    for await (const batch of wholeSeries(read)) {
      const levelOf = levels(context.options, base, batch)
      for (const [s, { granularity }] of spans.entries()) parts[s].push(levelOf(granularity))
    }
    for (const [s, span] of spans.entries()) await commitLevel(context, span, within(arrange(parts[s]), span.range))
    context.share(w + 1, windows.length)
  }
}

/** What is to be made of a level in a day: nothing where the range does not reach into it. */
function spanIn(context: StoredContext, granularity: Granularity, window: Range): LevelSpan[] {
  const part = intersect(window, snapOutward(context.options.range, granularity.size))
  return isEmpty(part) ? [] : [{ granularity, range: widen(context, granularity, part) }]
}

/** A function that makes levels of rows of the base, each once, each from the one below it. */
function levels({ mean, isReference }: StoredOptions, base: Granularity, rows: RollupBatch) {
  const made = new Map([[base.name, rows]])
  const up = (finer: RollupBatch, granularity: Granularity) =>
    isReference ? coarsenLikeBlueflood(finer, granularity) : coarsen(finer, granularity, mean)
  const levelOf = (granularity: Granularity): RollupBatch => {
    const level = made.get(granularity.name) ?? up(levelOf(finerThan(granularity)), granularity)
    made.set(granularity.name, level)
    return level
  }
  return levelOf
}
