import { Kind, type PointBatch } from '../metric/points.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import type { Time } from '../time/range.ts'
import type { Global } from '../util/wasm.ts'
import type { MeanMode } from './mean-mode.ts'
import { type SlotKernel, slotKernel } from './slot-kernel.ts'

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

/**
 * Rolls a slot up. A row has count; sum left to right in time order; mean; population variance by Welford; min and max. Kinds follow
 * Blueflood: min and max have the kind of the winning value, and `meanInt` is there when the last value is an integer.
 */
export function closeSlot(slot: Slot, dictionary: readonly string[], mode: MeanMode): ClosedSlot {
  const kernel = slotKernel()
  putPoints(kernel, slot, dictionary.length)
  kernel.group(dictionary.length)
  for (let id = 0; id < dictionary.length; id += seriesAtOnce)
    kernel.close(id, Math.min(id + seriesAtOnce, dictionary.length), mode === 'blueflood')
  return { rows: takeRows(kernel, slot.start, dictionary), duplicates: kernel.duplicates.value }
}

// V8 optimises a function of WebAssembly between its calls, not while one runs.
const seriesAtOnce = 512

function putPoints(kernel: SlotKernel, slot: Slot, seriesCount: number): void {
  const { length, series, offset, value, kind, wide } = slot
  kernel.reserve(length, seriesCount, wide !== undefined)
  const { buffer } = kernel.memory
  new Uint32Array(buffer, kernel.series.value, length).set(series.subarray(0, length))
  new Uint32Array(buffer, kernel.offsets.value, length).set(offset.subarray(0, length))
  new Float64Array(buffer, kernel.values.value, length).set(value.subarray(0, length))
  new Uint8Array(buffer, kernel.kinds.value, length).set(kind.subarray(0, length))
  if (wide) new BigInt64Array(buffer, kernel.wide.value, length).set(wide.subarray(0, length))
}

function takeRows(kernel: SlotKernel, start: Time, dictionary: readonly string[]): RollupBatch {
  const { buffer } = kernel.memory
  const length = kernel.rows.value
  const doubles = ({ value }: Global) => new Float64Array(buffer, value, length).slice()
  const integers = ({ value }: Global) => new BigInt64Array(buffer, value, length).slice()
  return {
    length,
    dictionary,
    series: new Uint32Array(buffer, kernel.ids.value, length).slice(),
    time: new Float64Array(length).fill(start),
    count: doubles(kernel.count),
    sum: doubles(kernel.sum),
    mean: doubles(kernel.mean),
    variance: doubles(kernel.variance),
    min: doubles(kernel.min),
    max: doubles(kernel.max),
    integer: new Uint8Array(buffer, kernel.integer.value, length).slice(),
    meanInt: integers(kernel.meanInt),
    minInt: integers(kernel.minInt),
    maxInt: integers(kernel.maxInt),
  }
}
