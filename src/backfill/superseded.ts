import { matchRows, type RowBatch, sameRow } from '../metric/rows.ts'
import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { Place, StoreOptions } from '../store/store.ts'
import { chunkOf } from '../time/granularity.ts'
import { split } from '../time/range.ts'
import { arrayOf } from '../util/array.ts'
import { spanRows } from './span-rows.ts'

/**
 * A staging lake that never forgets what a store may still hold of its earlier rows: whatever a replacement takes out or changes is put
 * into `superseded` before, until a push has made the store equal.
 */
export function keepSuperseded(lake: Lake, superseded: Lake): Lake {
  const replace: Lake['replace'] = async (place, batches, options) => {
    const rows = rowKind(place.granularity).merge(await arrayOf(batches))
    for (const range of split(place.range, place.granularity.chunk)) {
      await keepLost({ lake, superseded }, { ...place, range }, { rows, options })
    }
    return lake.replace(place, [rows], options)
  }
  return {
    ...lake,
    replace,
    async put(granularity, range, rows) {
      if (!(await lake.has(granularity, range))) return lake.put(granularity, range, rows)
      return replace({ granularity, range, series: 'all' }, [rows.whole()])
    },
  }
}

async function keepLost(
  { lake, superseded }: { lake: Lake; superseded: Lake },
  { granularity, range, series }: Place,
  { rows, options }: { rows: RowBatch; options?: StoreOptions },
): Promise<void> {
  const { select, merge } = rowKind(granularity)
  const old = await spanRows(lake, granularity, range)
  if (!old) return
  const matches = matchRows(old, rows)
  const isLost = (row: number) => matches[row] < 0 || !sameRow(old, row, [rows, matches[row]])
  const lost = select(old, (text, _time, row) => (series === 'all' || series.has(text)) && isLost(row))
  if (lost.length === 0) return
  const window = chunkOf(granularity, range.start)
  const known = await spanRows(superseded, granularity, window)
  // What is known stays so until a push has ended well: the version behind it has not been pushed whole.
  const all = known ? merge([lost, known]) : lost
  await superseded.replace({ granularity, range: window, series: 'all' }, [all], options)
}
