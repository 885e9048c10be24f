import type { RollupBatch } from '../metric/rollups.ts'
import type { Time } from '../time/range.ts'
import type { Global } from '../util/wasm.ts'
import type { MeanMode } from './mean-mode.ts'
import { separate } from './separate.ts'
import type { Slot, SlotFamily, SlotSeries } from './slot.ts'
import { type SlotKernel, slotKernel } from './slot-kernel.ts'

export interface ClosedSlot {
  /** A row for each series that has points, in order of families. */
  readonly rows: RollupBatch
  /** Points that another one of the same series and millisecond, later in canonical order, has replaced. */
  readonly duplicates: number
}

/**
 * Rolls a slot up. A row has count; sum left to right in time order; mean; population variance by Welford; min and max. Kinds follow
 * Blueflood: min and max have the kind of the winning value, and `meanInt` is there when the last value is an integer.
 */
export function closeSlot(slot: Slot, { dictionary, families }: SlotSeries, mode: MeanMode): ClosedSlot {
  const kernel = slotKernel()
  const own = separate(slot, families)
  putLines(kernel, own.slot, own.families)
  kernel.group()
  for (let id = 0; id < own.families.length; id += familiesAtOnce)
    kernel.close(id, Math.min(id + familiesAtOnce, own.families.length), mode === 'blueflood')
  return { rows: takeRows(kernel, slot.start, dictionary), duplicates: kernel.duplicates.value }
}

// V8 optimises a function of WebAssembly between its calls, not while one runs.
const familiesAtOnce = 256

function putLines(kernel: SlotKernel, slot: Slot, families: readonly SlotFamily[]): void {
  const { length, values, family, offset, first, value, kind, wide } = slot
  const members = families.reduce((sum, { series }) => sum + series.length, 0)
  kernel.reserveFamilies(families.length, members)
  kernel.reserve(length, values, wide !== undefined)
  const { buffer } = kernel.memory
  putFamilies(kernel, families, members)
  new Uint32Array(buffer, kernel.families.value, length).set(family.subarray(0, length))
  new Uint32Array(buffer, kernel.offsets.value, length).set(offset.subarray(0, length))
  new Uint32Array(buffer, kernel.firsts.value, length).set(first.subarray(0, length))
  new Float64Array(buffer, kernel.values.value, values).set(value.subarray(0, values))
  new Uint8Array(buffer, kernel.kinds.value, values).set(kind.subarray(0, values))
  if (wide) new BigInt64Array(buffer, kernel.wide.value, values).set(wide.subarray(0, values))
}

function putFamilies(kernel: SlotKernel, families: readonly SlotFamily[], count: number): void {
  const { buffer } = kernel.memory
  const starts = new Uint32Array(buffer, kernel.starts.value, families.length + 1)
  const members = new Uint32Array(buffer, kernel.members.value, count)
  let end = 0
  for (const [id, { series }] of families.entries()) {
    starts[id] = end
    members.set(series, end)
    end += series.length
  }
  starts[families.length] = end
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
