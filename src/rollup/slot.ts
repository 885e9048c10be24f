import { Kind, type PointBatch } from '../metric/points.ts'
import { allocateRollups, type RollupBatch } from '../metric/rollups.ts'
import type { Time } from '../time/range.ts'
import { createRun, type Run, reserve } from './run.ts'
import { type MeanMode, summariser } from './summarise.ts'

/** The points of one slot, kept in canonical order until it closes. */
export interface Slot {
  readonly start: Time
  length: number
  series: Uint32Array
  /** Milliseconds after `start`. */
  offset: Uint32Array
  value: Float64Array
  kind: Uint8Array
  wide: BigInt64Array | undefined
}

export const openSlot = (start: Time): Slot => ({ start, wide: undefined, ...columns(256) })

const columns = (capacity: number) => ({
  length: 0,
  series: new Uint32Array(capacity),
  offset: new Uint32Array(capacity),
  value: new Float64Array(capacity),
  kind: new Uint8Array(capacity),
})

/** The points `[from, to)` of a batch. */
export interface Stretch {
  readonly batch: PointBatch
  readonly from: number
  readonly to: number
}

/** Adds points that are all of this slot; `ids` has the id here for each series id of the batch. */
export function addPoints(slot: Slot, stretch: Stretch, ids: readonly number[]): void {
  const { batch, from, to } = stretch
  while (slot.length + to - from > slot.series.length) grow(slot)
  const { start, length, series, offset, value, kind } = slot
  for (let i = from, row = length; i < to; i++, row++) {
    series[row] = ids[batch.series[i]]
    offset[row] = batch.time[i] - start
    value[row] = batch.value[i]
    kind[row] = batch.kind[i]
  }
  if (batch.wide || slot.wide) addWide(slot, stretch)
  slot.length += to - from
}

function addWide(slot: Slot, { batch, from, to }: Stretch): void {
  slot.wide ??= widen(slot)
  for (let i = from, row = slot.length; i < to; i++, row++) {
    if (batch.kind[i] !== Kind.double) slot.wide[row] = batch.wide?.[i] ?? BigInt(batch.value[i])
  }
}

function widen({ value, kind, length }: Slot): BigInt64Array {
  const wide = new BigInt64Array(value.length)
  for (let i = 0; i < length; i++) if (kind[i] !== Kind.double) wide[i] = BigInt(value[i])
  return wide
}

function grow(slot: Slot): void {
  const { length, series, offset, value, kind, wide } = slot
  const capacity = 2 * series.length
  Object.assign(slot, columns(capacity))
  slot.series.set(series)
  slot.offset.set(offset)
  slot.value.set(value)
  slot.kind.set(kind)
  slot.length = length
  if (!wide) return
  slot.wide = new BigInt64Array(capacity)
  slot.wide.set(wide)
}

export interface ClosedSlot {
  /** A row for each series that has points, in order of ids. */
  readonly rows: RollupBatch
  /** Points that another one of the same series and millisecond, later in canonical order, has replaced. */
  readonly duplicates: number
}

/** Rolls a slot up. */
export function closeSlot(slot: Slot, dictionary: readonly string[], mode: MeanMode): ClosedSlot {
  const { order, ends } = groupBySeries(slot, dictionary.length)
  const series = presentSeries(ends)
  const rows = allocateRollups(series.length, dictionary)
  const summarise = summariser(rows, mode)
  const run = createRun()
  let duplicates = 0
  for (let row = 0; row < series.length; row++) {
    const group = order.subarray(series[row] === 0 ? 0 : ends[series[row] - 1], ends[series[row]])
    sortByTime(group, slot.offset)
    fill(run, slot, group)
    duplicates += group.length - run.length
    rows.series[row] = series[row]
    rows.time[row] = slot.start
    summarise(run, row)
  }
  return { rows, duplicates }
}

/** A counting sort: positions of points by series, and where each series' positions end. Arrival order is kept inside a series. */
function groupBySeries({ series, length }: Slot, size: number): { order: Uint32Array; ends: Uint32Array } {
  const ends = new Uint32Array(size)
  for (let i = 0; i < length; i++) ends[series[i]]++
  for (let id = 1; id < size; id++) ends[id] += ends[id - 1]
  const order = new Uint32Array(length)
  for (let i = length - 1; i >= 0; i--) order[--ends[series[i]]] = i
  for (let id = 0; id + 1 < size; id++) ends[id] = ends[id + 1]
  if (size > 0) ends[size - 1] = length
  return { order, ends }
}

function presentSeries(ends: Uint32Array): Uint32Array {
  const present = new Uint32Array(ends.length)
  let found = 0
  for (let id = 0; id < ends.length; id++) if (ends[id] > (id === 0 ? 0 : ends[id - 1])) present[found++] = id
  return present.subarray(0, found)
}

/** Brings positions into time order. They come nearly in it, where an insertion sort is hard to beat; it is stable. */
export function sortByTime(group: Uint32Array, offset: Uint32Array): void {
  for (let i = 1; i < group.length; i++) {
    const position = group[i]
    let j = i
    for (; j > 0 && offset[group[j - 1]] > offset[position]; j--) group[j] = group[j - 1]
    group[j] = position
  }
}

/** Copies a group into a run; of several points in one millisecond the last counts. */
function fill(run: Run, { offset, value, kind, wide }: Slot, group: Uint32Array): void {
  reserve(run, group.length)
  if (wide) run.wide ??= new BigInt64Array(run.values.length)
  let length = 0
  for (let i = 0; i < group.length; i++) {
    const position = group[i]
    if (i > 0 && offset[group[i - 1]] === offset[position]) length--
    run.values[length] = value[position]
    run.kinds[length] = kind[position]
    if (wide && run.wide) run.wide[length] = wide[position]
    length++
  }
  run.length = length
}
