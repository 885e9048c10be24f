import { knownArranged } from '../metric/arrange.ts'
import type { LineBatch } from '../metric/lines.ts'
import { allocateRollups, type RollupBatch, statistics } from '../metric/rollups.ts'
import type { Granularity } from '../time/granularity.ts'
import type { Time } from '../time/range.ts'
import { openSeries } from './chunk-series.ts'
import type { MeanMode } from './mean-mode.ts'
import { type Address, type SlotKernel, slotKernel } from './slot-kernel.ts'

/** A slot that lines can be added to. */
export interface Slot {
  readonly start: Time
  readonly address: Address
}

/** The lines `[from, to)` of a batch. */
export interface Stretch {
  readonly batch: LineBatch
  readonly from: number
  readonly to: number
}

/** What slots come to. */
export interface SlotRollups {
  /** A row for each series and slot that has points, in canonical order. */
  readonly rows: RollupBatch
  /** By slot, points that another one of the same series and millisecond, later in canonical order, has replaced. */
  readonly duplicates: ReadonlyMap<Time, number>
}

/** Slots in the making. */
export interface Slots {
  /** The slot that starts at `start`, which is not closed: opened if it has not been asked for before. */
  open(start: Time): Slot
  /** Adds those of some lines that are of that slot. Lines come in canonical order. Returns how many points that were. */
  add(slot: Slot, stretch: Stretch): number
  /** Rolls up the slots that start before `time`. */
  closeBefore(time: Time): void
  /** Rolls up what is still open. To be called once, as the last thing. */
  finish(): SlotRollups
  /** Forgets all, instead. */
  discard(): void
}

/**
 * Rolls lines up. A row has count; sum left to right in time order; mean; population variance by Welford; min and max. Kinds follow
 * Blueflood: min and max have the kind of the winning value, and `meanInt` is there when the last value is an integer.
 */
export function openSlots({ size }: Granularity, mean: MeanMode): Slots {
  const kernel = slotKernel()
  const series = openSeries(kernel)
  const open = new Map<Time, Slot>()
  const closed: Slot[] = []
  const duplicates = new Map<Time, number>()
  let rowCount = 0

  const close = (slot: Slot) => {
    series.unite()
    rowCount += closeSlot(kernel, slot.address, mean)
    open.delete(slot.start)
    closed.push(slot)
    duplicates.set(slot.start, kernel.duplicates.value)
  }
  const closeBefore = (time: Time) => {
    for (const slot of open.values()) if (slot.start < time) close(slot)
  }
  const discard = () => {
    for (const { address } of [...open.values(), ...closed]) kernel.discardSlot(address)
    series.discard()
  }

  return {
    open(start) {
      const slot = open.get(start) ?? { start, address: kernel.openSlot(start, start + size) }
      open.set(start, slot)
      return slot
    },
    add({ address }, { batch, from, to }) {
      series.use(batch)
      let added = 0
      for (let line = from; line < to; ) {
        line = kernel.add(address, line, to)
        added += kernel.added.value
        if (line < to) series.learn(batch, line)
      }
      return added
    },
    closeBefore,
    finish() {
      closeBefore(Number.POSITIVE_INFINITY)
      closed.sort((a, b) => a.start - b.start)
      const rows = takeRows(kernel, { ...series.inOrder(), slots: closed }, rowCount)
      discard()
      return { rows, duplicates }
    },
    discard,
  }
}

// V8 optimises a function of WebAssembly between its calls, not while one runs.
const familiesAtOnce = 256
const rowsAtOnce = 8_192

/** Returns how many rows the slot has. */
function closeSlot(kernel: SlotKernel, slot: Address, mean: MeanMode): number {
  const families = kernel.beginClosing(slot)
  for (let id = 0; id < families; id += familiesAtOnce)
    kernel.closeFamilies(id, Math.min(id + familiesAtOnce, families), mean === 'blueflood')
  return kernel.endClosing()
}

interface Taking {
  readonly texts: readonly string[]
  readonly places: Uint32Array
  readonly slots: readonly Slot[]
}

/** All rows of closed slots, in the order of series, then of slots. */
function takeRows(kernel: SlotKernel, { texts, places, slots }: Taking, length: number): RollupBatch {
  const rows = allocateRollups(length, texts)
  const room = Math.max(rowsAtOnce, slots.length)
  kernel.beginTaking(places.length, slots.length, room)
  new Uint32Array(kernel.memory.buffer, kernel.places.value, places.length).set(places)
  new Uint32Array(kernel.memory.buffer, kernel.slots.value, slots.length).set(slots.map(({ address }) => address))
  for (let at = 0; at < length; ) {
    const count = kernel.takeRows()
    copyRows(kernel, { count, room }, { rows, at })
    at += count
  }
  kernel.endTaking()
  return knownArranged(rows)
}

const doubles = ['count', ...statistics] as const
const integers = ['meanInt', 'minInt', 'maxInt'] as const

function copyRows(
  kernel: SlotKernel,
  { count, room }: { count: number; room: number },
  { rows, at }: { rows: RollupBatch; at: number },
): void {
  const { buffer } = kernel.memory
  rows.series.set(new Uint32Array(buffer, kernel.ranks.value, count), at)
  rows.time.set(new Float64Array(buffer, kernel.starts.value, count), at)
  let column = kernel.columns.value
  for (const name of doubles) {
    rows[name].set(new Float64Array(buffer, column, count), at)
    column += 8 * room
  }
  for (const name of integers) {
    rows[name].set(new BigInt64Array(buffer, column, count), at)
    column += 8 * room
  }
  rows.integer.set(new Uint8Array(buffer, column, count), at)
}
