import type { PointBatch } from '../metric/points.ts'
import { isPoints, type RowBatch } from '../metric/rows.ts'
import { full, type Granularity } from '../time/granularity.ts'
import { usageError } from '../util/errors.ts'

/** What a store that keeps points only asks of those who use it; `name` is what messages call it. */
export const pointsOnly = (name: string) => ({
  requireFull(granularity: Granularity): void {
    if (granularity !== full)
      throw usageError(`${name} holds points, not rollups: expected granularity full, got ${granularity.name}`)
  },
  requirePoints(batch: RowBatch): PointBatch {
    if (isPoints(batch)) return batch
    throw new Error(`${name} was given rollups`)
  },
})
