import { arrange, selectRows } from '../../metric/arrange.ts'
import type { RollupBatch } from '../../metric/rollups.ts'
import { isPoints, type RowBatch } from '../../metric/rows.ts'

/** The same rollups, which come grouped by series, in batches of which none holds only a part of a series. */
export async function* wholeSeries(batches: AsyncIterable<RowBatch>): AsyncIterable<RollupBatch> {
  let rest: RollupBatch | undefined
  for await (const batch of batches) {
    if (isPoints(batch)) throw new Error('expected rollups')
    if (batch.length === 0) continue
    const last = batch.dictionary[batch.series[batch.length - 1]]
    const rows: RollupBatch = arrange(rest ? [rest, batch] : [batch])
    const whole = selectRows(rows, (text) => text !== last)
    rest = selectRows(rows, (text) => text === last)
    if (whole.length > 0) yield whole
  }
  if (rest) yield rest
}
