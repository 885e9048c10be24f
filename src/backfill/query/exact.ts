import { Kind, type PointBatch } from '../../metric/points.ts'
import { isPoints, matchRows } from '../../metric/rows.ts'
import type { Store } from '../../store/store.ts'
import { chunkOf, full } from '../../time/granularity.ts'
import { formatRange } from '../../time/range.ts'
import { refusal } from '../../util/errors.ts'

/** How many points of an hour a store would change. Throws a refusal where there are any, unless that is allowed. */
export function requireExact(store: Store, points: PointBatch, { allowLossy }: { allowLossy: boolean }): number {
  const lossy = points.length === 0 ? 0 : countLossy(store, points)
  if (lossy > 0 && !allowLossy)
    throw refusal(
      `${lossy} of ${points.length} points in ${formatRange(chunkOf(full, points.time[0]))} cannot be held exactly`,
      '--allow-lossy lets times and values be rounded as the store does it',
    )
  return lossy
}

function countLossy(store: Store, points: PointBatch): number {
  const held = store.normalise?.(points, full)
  if (!held || !isPoints(held)) return 0
  const matches = matchRows(points, held)
  return matches.reduce((count, row, i) => count + Number(row < 0 || numberAt(points, i) !== numberAt(held, row)), 0)
}

/** The value as it counts: 4 and 4.0 are the same number, and so are all NaNs. */
function numberAt({ kind, value, wide }: PointBatch, row: number): number | bigint | string {
  if (kind[row] !== Kind.double) return wide?.[row] ?? BigInt(value[row])
  if (Number.isNaN(value[row])) return 'NaN'
  return Number.isInteger(value[row]) ? BigInt(value[row]) : value[row]
}
