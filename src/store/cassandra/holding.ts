import { selectRows } from '../../metric/arrange.ts'
import { selectArranged } from '../../metric/arrange-points.ts'
import { Integer, type RollupBatch } from '../../metric/rollups.ts'
import { isPoints, type RowBatch } from '../../metric/rows.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Time } from '../../time/range.ts'
import { type Lifetime, type LifetimeDays, lifetimeOf, type TtlMode } from './ttl.ts'

/** What rows become in Blueflood's tables, and how long they stay. */
export interface HoldingOptions {
  /** `blueflood` (the default) writes integer averages as Blueflood computes them, `exact` the mean as a double. */
  readonly mean?: MeanMode
  readonly ttl?: TtlMode
  readonly lifetimeDays?: LifetimeDays
}

/** What Blueflood's tables hold of rows that are written from `now` on. */
export function holding({ mean = 'blueflood', ttl = 'full', lifetimeDays }: HoldingOptions, now: Time) {
  const lifetime = (granularity: Granularity) => lifetimeOf(granularity, ttl, { days: lifetimeDays, now })
  return {
    lifetime,
    normalise: (batch: RowBatch, granularity: Granularity) => heldOf(batch, lifetime(granularity), mean),
  }
}

/** The rows of a batch that are worth writing, as they are written. */
function heldOf(batch: RowBatch, { oldest }: Lifetime, mean: MeanMode): RowBatch {
  const isWorth = (row: number) => batch.time[row] >= oldest && (isPoints(batch) || batch.count[row] > 0)
  if (isPoints(batch)) return selectArranged(batch, (_text, _time, row) => isWorth(row))
  return withMean(
    selectRows(batch, (_text, _time, row) => isWorth(row)),
    mean,
  )
}

/** Rows whose mean is what is written: Blueflood's integer where there is one, or always the exact one. */
function withMean(rows: RollupBatch, mode: MeanMode): RollupBatch {
  const { integer, meanInt, mean } = rows
  if (!integer.some((bits) => bits & Integer.mean)) return rows
  if (mode === 'exact')
    return { ...rows, integer: integer.map((bits) => bits & ~Integer.mean), meanInt: new BigInt64Array(rows.length) }
  return { ...rows, mean: mean.map((value, i) => (integer[i] & Integer.mean ? Number(meanInt[i]) : value)) }
}
