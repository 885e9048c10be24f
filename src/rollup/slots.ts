import { knownArranged } from '../metric/arrange.ts'
import type { LineBatch } from '../metric/lines.ts'
import { measuredColumns, type RollupBatch } from '../metric/rollups.ts'
import { joined, type RowSequence } from '../metric/sequence.ts'
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

/** What slots come to: a row for each series and slot that has points. It stands until the slots are discarded. */
export interface SlotRollups extends RowSequence<RollupBatch> {
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
  /** Rolls up what is still open. Nothing can be added any more. */
  finish(): SlotRollups
  /** Forgets all. */
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
  let length = 0
  let points = 0

  const close = (slot: Slot) => {
    series.unite()
    length += closeSlot(kernel, slot.address, mean)
    points += kernel.points.value
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
      const taking = { ...series.inOrder(), slots: closed, recall: series.recall }
      const pieces = (size: number) => takePieces(kernel, taking, size)
      return { length, points, duplicates, pieces, whole: () => joined(pieces(rowsAtOnce), length, taking.texts) }
    },
    discard,
  }
}

// V8 optimises a function of WebAssembly between its calls, not while one runs.
const familiesAtOnce = 256
const rowsAtOnce = 8_192

/** Returns how many rows the slot has. */
function closeSlot(kernel: SlotKernel, slot: Address, mean: MeanMode): number {
  const families = kernel.beginClosing(slot, mean === 'blueflood')
  for (let id = 0; id < families; id += familiesAtOnce)
    kernel.closeFamilies(id, Math.min(id + familiesAtOnce, families))
  return kernel.endClosing()
}

interface Taking {
  readonly texts: readonly string[]
  readonly places: Uint32Array
  readonly slots: readonly Slot[]
  /** Chunks share the kernel. */
  recall(): void
}

/** The rows of closed slots, in the order of series, then of slots. A piece lies on the memory of the kernel. */
function* takePieces(kernel: SlotKernel, taking: Taking, size: number): Generator<RollupBatch> {
  const { texts, places, slots, recall } = taking
  kernel.beginTaking(places.length, slots.length, size)
  new Uint32Array(kernel.memory.buffer, kernel.places.value, places.length).set(places)
  new Uint32Array(kernel.memory.buffer, kernel.slots.value, slots.length).set(slots.map(({ address }) => address))
  const take = () => {
    recall()
    return takePiece(kernel, size)
  }
  try {
    for (let count = take(); count > 0; count = take()) yield pieceOf(kernel, { texts, size }, count)
  } finally {
    kernel.endTaking()
  }
}

/** Returns how many rows the piece has. */
function takePiece(kernel: SlotKernel, size: number): number {
  let count = 0
  kernel.beginPiece()
  for (let from = 0; from < size; from += rowsAtOnce) count = kernel.takeRows(Math.min(from + rowsAtOnce, size))
  return count
}

interface Pieces {
  readonly texts: readonly string[]
  /** How many rows there is room for. */
  readonly size: number
}

function pieceOf(kernel: SlotKernel, { texts, size }: Pieces, length: number): RollupBatch {
  const { buffer } = kernel.memory
  let at = kernel.columns.value
  const next = () => {
    const start = at
    at += 8 * size
    return start
  }
  const doubles = () => new Float64Array(buffer, next(), length)
  const integers = () => new BigInt64Array(buffer, next(), length)
  return knownArranged({
    length,
    dictionary: texts,
    series: new Uint32Array(buffer, kernel.ranks.value, length),
    time: new Float64Array(buffer, kernel.starts.value, length),
    ...measuredColumns(doubles, integers),
    integer: new Uint8Array(buffer, next(), length),
  })
}
