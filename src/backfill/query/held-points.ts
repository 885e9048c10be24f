import type { PointBatch } from '../../metric/points.ts'
import { full } from '../../time/granularity.ts'
import { intersect, type Range } from '../../time/range.ts'
import type { CommitContext } from '../context.ts'
import { lakeOf } from '../held.ts'
import { spanRows } from '../span-rows.ts'

/** The job's points of a part of an hour, from whichever lake holds them: a batch in canonical order for each done span. */
export async function heldPoints(context: CommitContext, range: Range): Promise<PointBatch[]> {
  const parts: PointBatch[] = []
  for (const span of context.ledger.done(full, range)) {
    const lake = await lakeOf(context, span.held)
    const points = span.rows > 0 ? await spanRows(lake, full, intersect(span, range)) : undefined
    if (points) parts.push(points as PointBatch)
  }
  return parts
}
