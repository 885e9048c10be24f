import { arrange, renumber } from '../metric/arrange.ts'
import { countPoints, type LineBatch, type Room } from '../metric/lines.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import { closeSlot } from '../rollup/close-slot.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import { addLines, openSlot, type Slot, type Stretch } from '../rollup/slot.ts'
import { contains, type Range, type Time } from '../time/range.ts'
import { createFamilies } from './families.ts'

/** A chunk of 5m rollups in the making. */
export interface OpenChunk {
  readonly window: Range
  /** The spans of the window that are being made. */
  readonly spans: readonly Range[]
  /** Set once a point has come too late: what is here is then incomplete. */
  isStale: boolean
  /** Points that have been added. */
  points: number
  /** The open slot that starts at `start`, or undefined where the chunk is not to have it. */
  slot(start: Time): Slot | undefined
  /** Adds lines to the slot of this chunk that they are of. */
  add(slot: Slot, stretch: Stretch<LineBatch>): void
  /** Rolls up the slots that start before `time`. */
  closeBefore(time: Time): void
  /** Rolls up what is still open. The rows are in canonical order. */
  finish(): FinishedChunk
}

export interface FinishedChunk {
  readonly rows: RollupBatch
  /** Duplicates by slot. */
  readonly duplicates: ReadonlyMap<Time, number>
}

export function openChunk(window: Range, spans: readonly Range[], mean: MeanMode): OpenChunk {
  const families = createFamilies()
  const open = new Map<Time, Slot>()
  const closed: RollupBatch[] = []
  const duplicates = new Map<Time, number>()
  /** Slots are alike, so each is made as large as the largest came to be. */
  let room: Room | undefined

  const close = (slot: Slot) => {
    const { rows, duplicates: replaced } = closeSlot(slot, families.series, mean)
    open.delete(slot.start)
    if (slot.values > (room?.values ?? 0)) room = { lines: slot.length, values: slot.values }
    closed.push(rows)
    duplicates.set(slot.start, replaced)
  }
  const closeBefore = (time: Time) => {
    for (const slot of [...open.values()].sort((a, b) => a.start - b.start)) if (slot.start < time) close(slot)
  }

  return {
    window,
    spans,
    isStale: false,
    points: 0,
    slot(start) {
      const known = open.get(start)
      if (known || !spans.some((span) => contains(span, start))) return known
      const slot = openSlot(start, room)
      open.set(start, slot)
      return slot
    },
    add(slot, stretch) {
      addLines(slot, stretch, families.translate(stretch))
      this.points += countPoints(stretch.batch, stretch.from, stretch.to)
    },
    closeBefore,
    finish() {
      closeBefore(Number.POSITIVE_INFINITY)
      const { texts, ranks } = families.sort()
      families.clear()
      // The rows are all that is needed from here on, and memory counts while they are being written.
      return { rows: arrange(closed.splice(0).map((rows) => renumber(rows, texts, ranks))), duplicates }
    },
  }
}
