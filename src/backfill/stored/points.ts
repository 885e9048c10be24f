import type { PointBatch } from '../../metric/points.ts'
import { rollUpPoints } from '../../rollup/roll-up-points.ts'
import { rowKind } from '../../store/lake/row-kind.ts'
import { full, min5 } from '../../time/granularity.ts'
import { snapOutward, split } from '../../time/range.ts'
import { arrayOf } from '../../util/array.ts'
import { makeCoarse, refreshCoarse } from '../coarse.ts'
import { commitLevel, readRows, widen } from './level.ts'
import type { StoredContext } from './options.ts'

/** Makes 5m rollups of a store's points, hour by hour, and the coarser levels of those. */
export async function makeFromPoints(context: StoredContext): Promise<void> {
  const { range, granularities, mean } = context.options
  const hours = split(snapOutward(range, min5.size), min5.chunk)
  for (const [h, part] of hours.entries()) {
    const span = { granularity: min5, range: widen(context, min5, part) }
    const parts = await arrayOf(readRows(context, { granularity: full, range: span.range }))
    const points = rowKind(full).merge(parts) as PointBatch
    await commitLevel(context, span, rollUpPoints([points], mean))
    context.share(h + 1, hours.length)
  }
  const coarse = { range, granularities: granularities.filter(({ size }) => size > min5.size) }
  await makeCoarse(context, coarse)
  await refreshCoarse(context, coarse)
}
