import type { PointBatch } from '../../metric/points.ts'
import type { Time } from '../../time/range.ts'
import { decimalAt } from './cells.ts'
import type { Item } from './connection.ts'
import { type Cells, cellsOf, timeOf } from './items.ts'
import type { Layout, MetricAddress } from './layout.ts'

/** Rows `start` to `end` of a batch, all of one series whose values lie in `field`. */
interface Run {
  readonly batch: PointBatch
  readonly field: string | undefined
  readonly start: number
  readonly end: number
}

/** Points to put into the items of one metric, and fields of which something may go. */
export interface MetricChange {
  readonly address: MetricAddress
  readonly runs: Run[]
  readonly fields: Set<string | undefined>
}

/** Points and series by the metric whose items hold them. */
export interface MetricChanges {
  readonly all: Iterable<MetricChange>
  addPoints(batch: PointBatch): void
  addSeries(text: string): void
  addMetric(address: MetricAddress): void
}

export function metricChanges(layout: Layout): MetricChanges {
  const changes = new Map<string, MetricChange>()
  const changeOf = (address: MetricAddress): MetricChange => {
    const id = `${address.type} ${address.key}`
    const known = changes.get(id) ?? { address, runs: [], fields: new Set() }
    changes.set(id, known)
    return known
  }
  return {
    all: { [Symbol.iterator]: () => changes.values() },
    addPoints(batch) {
      for (const { start, end } of runsOf(batch)) {
        const { field, ...address } = layout.locate(batch.dictionary[batch.series[start]])
        changeOf(address).runs.push({ batch, field, start, end })
      }
    },
    addSeries(text) {
      const { field, ...address } = layout.locate(text)
      changeOf(address).fields.add(field)
    },
    addMetric: (address) => void changeOf(address),
  }
}

/** The longest stretches of one series. */
function* runsOf({ length, series }: PointBatch): Iterable<{ start: number; end: number }> {
  for (let start = 0, end = 1; start < length; end++) {
    if (end < length && series[end] === series[start]) continue
    yield { start, end }
    start = end
  }
}

/**
 * What becomes of a metric's items: the cells of every item that changes, none where it goes.
 * @param before items that it has
 */
export function changedItems(
  { runs }: MetricChange,
  before: readonly Item[],
  isGone: (field: string | undefined, time: Time) => boolean,
): Map<Time, Cells> {
  const changed = new Map<Time, Cells>()
  const held = new Map<Time, Cells>()
  for (const item of before) {
    const [time, cells] = [timeOf(item), cellsOf(item)]
    const kept: Cells = new Map([...cells].filter(([field]) => !isGone(field, time)))
    held.set(time, kept)
    if (kept.size < cells.size) changed.set(time, kept)
  }
  for (const { batch, field, start, end } of runs) {
    for (let i = start; i < end; i++) {
      const decimal = decimalAt(batch, i, field)
      if (decimal === undefined) continue
      const time = batch.time[i]
      const cells = changed.get(time) ?? held.get(time) ?? new Map()
      changed.set(time, cells.set(field, decimal))
    }
  }
  return changed
}
