import type { PointBatch } from '../../metric/points.ts'
import type { Time } from '../../time/range.ts'
import { pointColumns } from './cells.ts'
import type { Item } from './connection.ts'
import { cellsOf, timeOf } from './items.ts'
import type { Layout, MetricAddress } from './layout.ts'

interface Keyed {
  readonly time: Time
  readonly decimal: string
}

/** Makes point batches of items, metric by metric; the ids of all belong to one dictionary. Values with keys are collected. */
export function pointOutput(layout: Layout, matches: (text: string) => boolean) {
  const dictionary: string[] = []
  const columns = pointColumns()

  return async function* (address: MetricAddress, pages: AsyncIterable<readonly Item[]>): AsyncGenerator<PointBatch> {
    const numbers: Keyed[] = []
    const keyed = new Map<string, Keyed[]>()
    for await (const items of pages) {
      for (const item of items) {
        for (const [field, decimal] of cellsOf(item)) {
          const column = field === undefined ? numbers : (keyed.get(field) ?? [])
          if (field !== undefined) keyed.set(field, column)
          column.push({ time: timeOf(item), decimal })
        }
      }
      yield* batch(undefined, numbers.splice(0))
    }
    for (const [field, column] of keyed) yield* batch(field, column)

    function* batch(field: string | undefined, column: readonly Keyed[]): Generator<PointBatch> {
      const text = layout.series({ ...address, field })
      if (column.length === 0 || !matches(text)) return
      const id = dictionary.at(-1) === text ? dictionary.length - 1 : dictionary.push(text) - 1
      for (const { time, decimal } of column) columns.add(id, time, decimal)
      yield columns.take('DynamoDB', dictionary)
    }
  }
}
