import type { PointBatch } from '../../metric/points.ts'
import type { Time } from '../../time/range.ts'
import { pointColumns } from './cells.ts'
import type { Item } from './connection.ts'
import { cellsOf, timeOf } from './items.ts'
import type { Layout, MetricAddress } from './layout.ts'

interface Dated {
  readonly time: Time
  readonly decimal: string
}

/** Makes point batches of items, metric by metric; the ids of all belong to one dictionary. Values with keys are collected. */
export function pointOutput(layout: Layout, matches: (text: string) => boolean) {
  const dictionary: string[] = []
  const columns = pointColumns()

  function* batch(text: string, column: readonly Dated[]): Generator<PointBatch> {
    if (column.length === 0 || !matches(text)) return
    const id = dictionary.at(-1) === text ? dictionary.length - 1 : dictionary.push(text) - 1
    for (const { time, decimal } of column) columns.add(id, time, decimal)
    yield columns.take('DynamoDB', dictionary)
  }

  return async function* (address: MetricAddress, pages: AsyncIterable<readonly Item[]>): AsyncGenerator<PointBatch> {
    const keyed = new Map<string, Dated[]>()
    for await (const items of pages) yield* batch(layout.series(address), takeNumbers(items, keyed))
    for (const [field, column] of keyed) yield* batch(layout.series({ ...address, field }), column)
  }
}

/** The numbers of items that hold one; those of others are added to `keyed`. */
function takeNumbers(items: readonly Item[], keyed: Map<string, Dated[]>): Dated[] {
  const numbers: Dated[] = []
  for (const item of items) {
    const time = timeOf(item)
    for (const [field, decimal] of cellsOf(item)) columnOf(field).push({ time, decimal })
  }
  return numbers

  function columnOf(field: string | undefined): Dated[] {
    if (field === undefined) return numbers
    const column = keyed.get(field) ?? []
    keyed.set(field, column)
    return column
  }
}
