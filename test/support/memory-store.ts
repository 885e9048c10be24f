import { isPoints, type RowBatch } from '../../src/metric/rows.ts'
import type { Store } from '../../src/store/store.ts'
import { full } from '../../src/time/granularity.ts'
import { contains, type Time } from '../../src/time/range.ts'
import { pointsOf, type Row, rollupsOf, rowsOf, sorted } from './rows.ts'

/** A store in memory that others write to as well, and that can be made to stop. */
export interface MemoryStore extends Store {
  /** All rows, in order. */
  rows(): Row[]
  /** Writes as somebody else does. */
  set(row: Row): void
  delete(series: string, time: Time): void
  /** Lets so many more rows be changed; the next change fails, and so does all else. */
  failAfter(changes: number): void
}

export function memoryStore(): MemoryStore {
  const held = new Map<string, Row>()
  let left = Number.POSITIVE_INFINITY
  const keyOf = ([series, time]: Row) => `${series} ${time}`
  const change = (work: () => void) => {
    if (left-- <= 0) throw new Error('the store has stopped')
    work()
  }
  const put = (row: Row) => change(() => held.set(keyOf(row), row))
  const remove = (row: Row) => change(() => held.delete(keyOf(row)))
  const all = () => sorted([...held.values()])

  return {
    rows: all,
    set: (row) => void held.set(keyOf(row), row),
    delete: (series, time) => void held.delete(keyOf([series, time, 0])),
    failAfter(changes) {
      left = changes
    },
    async replace({ range, series }, batches) {
      const isMeant = ([text, time]: Row) => contains(range, time) && (series === 'all' || series.has(text))
      all().filter(isMeant).forEach(remove)
      const fresh: Row[] = []
      for await (const batch of batches) fresh.push(...rowsOf(batch))
      fresh.forEach(put)
      return { rows: fresh.length, bytes: 0 }
    },
    async patch({ rows, gone }) {
      rowsOf(rows).forEach(put)
      rowsOf(gone).forEach(remove)
      return { rows: rows.length, bytes: 0 }
    },
    async *read({ granularity, names }, range) {
      const found = all().filter(([text, time]) => contains(range, time) && (names?.includes(text) ?? true))
      const batch: RowBatch = granularity === full ? pointsOf(found) : rollupsOf(found)
      if (batch.length > 0) yield isPoints(batch) ? { ...batch, input: 'memory' } : batch
    },
    async [Symbol.asyncDispose]() {},
  }
}
