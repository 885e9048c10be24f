import type { RowBatch } from '../metric/rows.ts'
import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { Granularity } from '../time/granularity.ts'
import { contains, type Range } from '../time/range.ts'

/** The rows of a span that a lake holds for its job; undefined where it has no file. */
export async function spanRows(lake: Lake, granularity: Granularity, span: Range): Promise<RowBatch | undefined> {
  const rows = await lake.own(granularity, span)
  return rows && rowKind(granularity).select(rows, (_text, time) => contains(span, time))
}
