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

/** What is to become of one metric. */
export interface MetricChange {
  readonly address: MetricAddress
  /** Points to put. */
  readonly puts: Run[]
  /** Points to take out. */
  readonly gone: Run[]
  /** Fields to which a replacement speaks. */
  readonly fields: Set<string | undefined>
}

/** Points and series by the metric whose items hold them. */
export interface MetricChanges {
  readonly all: Iterable<MetricChange>
  add(what: 'puts' | 'gone', batch: PointBatch): void
  addSeries(text: string): void
  addMetric(address: MetricAddress): void
}

export function metricChanges(layout: Layout): MetricChanges {
  const changes = new Map<string, MetricChange>()
  const changeOf = (address: MetricAddress): MetricChange => {
    const id = `${address.type} ${address.key}`
    const known = changes.get(id) ?? { address, puts: [], gone: [], fields: new Set() }
    changes.set(id, known)
    return known
  }
  return {
    all: { [Symbol.iterator]: () => changes.values() },
    add(what, batch) {
      for (const { start, end } of runsOf(batch)) {
        const { field, ...address } = layout.locate(batch.dictionary[batch.series[start]])
        changeOf(address)[what].push({ batch, field, start, end })
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
  { puts }: MetricChange,
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
  for (const { batch, field, start, end } of puts) {
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

/** Whether a cell is among the points to take out. */
export function goneCells({ gone }: MetricChange): (field: string | undefined, time: Time) => boolean {
  const times = new Map<string | undefined, Set<Time>>()
  for (const { batch, field, start, end } of gone)
    times.set(field, new Set([...(times.get(field) ?? []), ...batch.time.subarray(start, end)]))
  return (field, time) => times.get(field)?.has(time) ?? false
}
