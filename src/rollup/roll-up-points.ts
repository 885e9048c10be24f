import { linesOfPoints } from '../metric/lines.ts'
import type { PointBatch } from '../metric/points.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { min5, slotOf } from '../time/granularity.ts'
import type { MeanMode } from './mean-mode.ts'
import { openSlots } from './slots.ts'

/** Rolls points in canonical order up to 5m, in canonical order. */
export function rollUpPoints(parts: readonly PointBatch[], mean: MeanMode): RollupBatch {
  const slots = openSlots(min5, mean)
  for (const points of parts) {
    const batch = linesOfPoints(points)
    const starts = new Set(Array.from(points.time, (time) => slotOf(min5, time)))
    for (const start of starts) slots.add(slots.open(start), { batch, from: 0, to: points.length })
  }
  const rows = slots.finish().whole()
  slots.discard()
  return rows
}
