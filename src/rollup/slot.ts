import type { LineBatch, Room } from '../metric/lines.ts'
import { Kind, type PointBatch } from '../metric/points.ts'
import type { Time } from '../time/range.ts'

/** Series whose values come in one line, by their ids in a dictionary. */
export interface SlotFamily {
  readonly series: ArrayLike<number>
  /** Whether one of the series is in another family too, or in this one twice. */
  isShared: boolean
}

/** What the series of slots are called and how they go together. */
export interface SlotSeries {
  readonly dictionary: readonly string[]
  readonly families: readonly SlotFamily[]
}

/** The lines of one slot, kept in canonical order until it closes. */
export interface Slot {
  readonly start: Time
  /** How many lines there are, and how many values. */
  length: number
  values: number
  family: Uint32Array
  /** Milliseconds after `start`. */
  offset: Uint32Array
  /** Where the values of each line start. */
  first: Uint32Array
  value: Float64Array
  kind: Uint8Array
  /** Present once some integer lies beyond 2^53. */
  wide: BigInt64Array | undefined
}

export const openSlot = (start: Time, { lines, values }: Room = { lines: 256, values: 256 }): Slot => ({
  start,
  length: 0,
  values: 0,
  family: new Uint32Array(lines),
  offset: new Uint32Array(lines),
  first: new Uint32Array(lines),
  value: new Float64Array(values),
  kind: new Uint8Array(values),
  wide: undefined,
})

/** The rows `[from, to)` of a batch. */
export interface Stretch<Batch> {
  readonly batch: Batch
  readonly from: number
  readonly to: number
}

/** Adds lines that are all of this slot; `ids` has the family here for each of the batch. */
export function addLines(slot: Slot, { batch, from, to }: Stretch<LineBatch>, ids: readonly number[]): void {
  const { time, family, first, value, kind, wide } = batch
  const [start, end] = [first[from], first[to]]
  makeRoom(slot, to - from, end - start)
  for (let i = from, at = slot.length; i < to; i++, at++) {
    slot.family[at] = ids[family[i]]
    slot.offset[at] = time[i] - slot.start
    slot.first[at] = first[i] - start + slot.values
  }
  addValues(slot, { value, kind, wide }, { start, end })
  slot.length += to - from
}

/** Adds points that are all of this slot, each as a line of its own; families are series, as in {@link oneByOne}. */
export function addPoints(slot: Slot, { batch, from, to }: Stretch<PointBatch>): void {
  makeRoom(slot, to - from, to - from)
  for (let i = from, at = slot.length; i < to; i++, at++) {
    slot.family[at] = batch.series[i]
    slot.offset[at] = batch.time[i] - slot.start
    slot.first[at] = i - from + slot.values
  }
  addValues(slot, batch, { start: from, end: to })
  slot.length += to - from
}

/** Each series as a family of its own. */
export const oneByOne = (dictionary: readonly string[]): SlotSeries => ({
  dictionary,
  families: dictionary.map((_text, id) => ({ series: [id], isShared: false })),
})

type Values = Pick<PointBatch, 'value' | 'kind' | 'wide'>

function addValues(slot: Slot, from: Values, { start, end }: { start: number; end: number }): void {
  for (let i = start, at = slot.values; i < end; i++, at++) {
    slot.value[at] = from.value[i]
    slot.kind[at] = from.kind[i]
  }
  if (from.wide || slot.wide) addWide(slot, from, { start, end })
  slot.values += end - start
}

function addWide(slot: Slot, { value, kind, wide }: Values, { start, end }: { start: number; end: number }): void {
  slot.wide ??= widen(slot)
  for (let i = start, at = slot.values; i < end; i++, at++) {
    if (kind[i] !== Kind.double) slot.wide[at] = wide?.[i] ?? BigInt(value[i])
  }
}

function widen({ value, kind, values }: Slot): BigInt64Array {
  const wide = new BigInt64Array(value.length)
  for (let i = 0; i < values; i++) if (kind[i] !== Kind.double) wide[i] = BigInt(value[i])
  return wide
}

function makeRoom(slot: Slot, lines: number, values: number): void {
  const [length, size] = [slot.length + lines, slot.values + values]
  if (length > slot.family.length) {
    const capacity = Math.max(length, 2 * slot.family.length)
    slot.family = enlarge(slot.family, new Uint32Array(capacity))
    slot.offset = enlarge(slot.offset, new Uint32Array(capacity))
    slot.first = enlarge(slot.first, new Uint32Array(capacity))
  }
  if (size <= slot.value.length) return
  const capacity = Math.max(size, 2 * slot.value.length)
  slot.value = enlarge(slot.value, new Float64Array(capacity))
  slot.kind = enlarge(slot.kind, new Uint8Array(capacity))
  if (!slot.wide) return
  const { wide } = slot
  slot.wide = new BigInt64Array(capacity)
  slot.wide.set(wide)
}

function enlarge<Column extends { set(from: ArrayLike<number>): void } & ArrayLike<number>>(
  column: ArrayLike<number>,
  larger: Column,
): Column {
  larger.set(column)
  return larger
}
