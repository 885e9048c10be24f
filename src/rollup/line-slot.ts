import type { LineBatch } from '../metric/lines.ts'
import { allocateRollups, type RollupBatch } from '../metric/rollups.ts'
import type { Time } from '../time/range.ts'
import { createRun, type Run, reserve } from './run.ts'
import { type ClosedSlot, closeSlot, type Slot, sortByTime } from './slot.ts'
import { type MeanMode, summariser } from './summarise.ts'

/** Series whose values come in one line, by their ids in a dictionary. */
export interface SlotFamily {
  readonly series: Uint32Array
  /** A `Kind` for each. */
  readonly kinds: Uint8Array
  /** Whether one of the series is in another family too, or in this one twice. */
  isShared: boolean
}

/** The lines of one slot, kept in canonical order until it closes. */
export interface LineSlot {
  readonly start: Time
  /** Lines, and their values. */
  length: number
  values: number
  family: Uint32Array
  /** Milliseconds after `start`. */
  offset: Uint32Array
  /** Where the values of each line start. */
  first: Uint32Array
  value: Float64Array
  wide: BigInt64Array | undefined
}

export const openLineSlot = (start: Time): LineSlot => ({
  start,
  length: 0,
  values: 0,
  family: new Uint32Array(256),
  offset: new Uint32Array(256),
  first: new Uint32Array(256),
  value: new Float64Array(1024),
  wide: undefined,
})

/** The lines `[from, to)` of a batch. */
export interface LineStretch {
  readonly batch: LineBatch
  readonly from: number
  readonly to: number
}

/** Adds lines that are all of this slot; `ids` has the family here for each of the batch. */
export function addLines(slot: LineSlot, { batch, from, to }: LineStretch, ids: readonly number[]): void {
  const [start, end] = [batch.first[from], batch.first[to]]
  makeRoom(slot, to - from, end - start)
  for (let i = from, at = slot.length; i < to; i++, at++) {
    slot.family[at] = ids[batch.family[i]]
    slot.offset[at] = batch.time[i] - slot.start
    slot.first[at] = batch.first[i] - start + slot.values
  }
  slot.value.set(batch.value.subarray(start, end), slot.values)
  if (batch.wide || slot.wide) addWide(slot, batch, { start, end })
  slot.length += to - from
  slot.values += end - start
}

/** Values of lines without a wide column are within 2^53, and what reads them takes them for those. */
function addWide(slot: LineSlot, { wide }: LineBatch, { start, end }: { start: number; end: number }): void {
  slot.wide ??= new BigInt64Array(slot.value.length)
  if (wide) slot.wide.set(wide.subarray(start, end), slot.values)
}

function makeRoom(slot: LineSlot, lines: number, values: number): void {
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
  slot.wide &&= enlarge(slot.wide, new BigInt64Array(capacity))
}

function enlarge<Column extends Uint32Array | Float64Array | BigInt64Array>(column: Column, larger: Column): Column {
  ;(larger as Float64Array).set(column as Float64Array)
  return larger
}

export interface ClosedLines {
  /** A row for each series that has points, in any order. */
  readonly rows: readonly RollupBatch[]
  /** Points that another one of the same series and millisecond, later in canonical order, has replaced. */
  readonly duplicates: number
}

/** What the series of a slot are called and how they go together. */
export interface SlotSeries {
  readonly dictionary: readonly string[]
  readonly families: readonly SlotFamily[]
}

/**
 * Rolls a slot up. All values of a line share its time: what is to be sorted and what is doubled is found line by line, except
 * where series are in several families.
 */
export function closeLineSlot(slot: LineSlot, series: SlotSeries, mode: MeanMode): ClosedLines {
  const { order, ends } = groupByFamily(slot, series.families)
  const length = countRows(ends, series.families)
  const rows = allocateRollups(length, series.dictionary)
  rows.time.fill(slot.start)
  const summarise = summariser(rows, mode)
  const run = createRun()
  let [row, duplicates] = [0, 0]
  for (const [id, family] of series.families.entries()) {
    const group = order.subarray(id === 0 ? 0 : ends[id - 1], ends[id])
    if (group.length === 0) continue
    sortByTime(group, slot.offset)
    const lines = withoutDuplicates(group, slot.offset)
    duplicates += (group.length - lines.length) * family.series.length
    for (let place = 0; place < family.series.length; place++, row++) {
      fill(run, slot, { lines, place, kind: family.kinds[place] })
      rows.series[row] = family.series[place]
      summarise(run, row)
    }
  }
  const shared = closeShared(slot, series, mode)
  return shared
    ? { rows: [rows, shared.rows], duplicates: duplicates + shared.duplicates }
    : { rows: [rows], duplicates }
}

/** A counting sort: lines by family, shared ones left out, and where those of each family end. Arrival order is kept inside a family. */
function groupByFamily({ family, length }: LineSlot, families: readonly SlotFamily[]) {
  const ends = new Uint32Array(families.length)
  for (let i = 0; i < length; i++) if (!families[family[i]].isShared) ends[family[i]]++
  for (let id = 1; id < ends.length; id++) ends[id] += ends[id - 1]
  const starts = Uint32Array.from(ends, (_, id) => (id === 0 ? 0 : ends[id - 1]))
  const order = new Uint32Array(ends.at(-1) ?? 0)
  for (let i = 0; i < length; i++) if (!families[family[i]].isShared) order[starts[family[i]]++] = i
  return { order, ends }
}

const countRows = (ends: Uint32Array, families: readonly SlotFamily[]): number =>
  families.reduce((sum, { series }, id) => (ends[id] > (id === 0 ? 0 : ends[id - 1]) ? sum + series.length : sum), 0)

/** Lines in time order; of several in one millisecond the last counts. */
function withoutDuplicates(lines: Uint32Array, offset: Uint32Array): Uint32Array {
  let length = 0
  for (let i = 0; i < lines.length; i++) {
    if (i > 0 && offset[lines[i - 1]] === offset[lines[i]]) length--
    lines[length++] = lines[i]
  }
  return lines.subarray(0, length)
}

/** Copies the values at one place of some lines into a run. */
function fill(
  run: Run,
  { first, value, wide }: LineSlot,
  { lines, place, kind }: { lines: Uint32Array; place: number; kind: number },
): void {
  reserve(run, lines.length)
  run.length = lines.length
  if (wide) run.wide ??= new BigInt64Array(run.values.length)
  for (let i = 0; i < lines.length; i++) {
    const at = first[lines[i]] + place
    run.values[i] = value[at]
    run.kinds[i] = kind
    if (wide && run.wide) run.wide[i] = wide[at]
  }
}

/** Rolls up the lines of shared families, point by point. */
function closeShared(slot: LineSlot, { dictionary, families }: SlotSeries, mode: MeanMode): ClosedSlot | undefined {
  const lines = Array.from({ length: slot.length }, (_, i) => i).filter((i) => families[slot.family[i]].isShared)
  return lines.length > 0 ? closeSlot(pointsOf(slot, lines, families), dictionary, mode) : undefined
}

function pointsOf(slot: LineSlot, lines: readonly number[], families: readonly SlotFamily[]): Slot {
  const length = lines.reduce((sum, line) => sum + families[slot.family[line]].series.length, 0)
  const points = {
    start: slot.start,
    length,
    series: new Uint32Array(length),
    offset: new Uint32Array(length),
    value: new Float64Array(length),
    kind: new Uint8Array(length),
    wide: slot.wide && new BigInt64Array(length),
  }
  let at = 0
  for (const line of lines) {
    const { series, kinds } = families[slot.family[line]]
    const [start, end] = [slot.first[line], slot.first[line] + series.length]
    points.series.set(series, at)
    points.kind.set(kinds, at)
    points.offset.fill(slot.offset[line], at, at + series.length)
    points.value.set(slot.value.subarray(start, end), at)
    if (slot.wide) points.wide?.set(slot.wide.subarray(start, end), at)
    at += series.length
  }
  return points
}
