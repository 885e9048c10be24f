import { Kind } from '../metric/points.ts'
import { type BatchBuilder, batchBuilder, type Metric, type MetricBatch, noKey } from './batch.ts'
import type { Cell } from './spool.ts'

/** The numbers of a metric, one by one; a point without any key is one of the empty key, with the value NaN. */
export function* cellsOf({ length, time, first, value, kind, key, keys }: MetricBatch): Iterable<Cell> {
  for (let i = 0; i < length; i++) {
    if (first[i] === first[i + 1]) yield { time: time[i], key: '', value: Number.NaN, kind: Kind.double }
    for (let v = first[i]; v < first[i + 1]; v++)
      yield { time: time[i], key: key[v] === noKey ? undefined : keys[key[v]], value: value[v], kind: kind[v] as Kind }
  }
}

/** Merges cells that are each in order of time; where times are equal, those of earlier sources come first. */
export async function* mergeByTime(sources: readonly AsyncIterable<Cell>[]): AsyncIterable<Cell> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
  for (;;) {
    let next = -1
    for (const [i, head] of heads.entries()) {
      if (!head.done && (next < 0 || head.value.time < heads[next].value.time)) next = i
    }
    if (next < 0) return
    yield heads[next].value
    heads[next] = await iterators[next].next()
  }
}

/** Makes points of cells: those of the same time with different keys become one. At least one batch comes, an empty one too. */
export async function* fold(metric: Metric, cells: AsyncIterable<Cell>): AsyncIterable<MetricBatch> {
  const builder = batchBuilder(metric)
  let time = Number.NaN
  const keys = new Set<string>()
  for await (const cell of cells) {
    const isOpen = cell.time === time && cell.key !== undefined && keys.size > 0 && !keys.has(cell.key)
    if (!isOpen) {
      if (builder.isFull()) yield builder.take()
      builder.point(cell.time)
      time = cell.time
      keys.clear()
    }
    if (cell.key !== undefined) keys.add(cell.key)
    addValue(builder, cell)
  }
  yield builder.take()
}

function addValue(builder: BatchBuilder, { key, value, kind }: Cell): void {
  if (key === '' && Number.isNaN(value)) return
  builder.value(value, kind, key === undefined ? noKey : builder.keyId(key))
}
