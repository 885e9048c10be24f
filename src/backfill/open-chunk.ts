import type { MeanMode } from '../rollup/mean-mode.ts'
import { openSlots, type Slot, type SlotRollups, type Stretch } from '../rollup/slots.ts'
import { min5 } from '../time/granularity.ts'
import { contains, type Range, type Time } from '../time/range.ts'

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
  /** Adds those of some lines that are of a slot of this chunk. Returns how many points that were. */
  add(slot: Slot, stretch: Stretch): number
  /** Rolls up the slots that start before `time`. */
  closeBefore(time: Time): void
  /** Rolls up what is still open. What that gives stands until it is discarded. */
  finish(): SlotRollups
  /** Forgets all that was added. */
  discard(): void
}

export function openChunk(window: Range, spans: readonly Range[], mean: MeanMode): OpenChunk {
  const slots = openSlots(min5, mean)
  return {
    window,
    spans,
    isStale: false,
    points: 0,
    slot: (start) => (spans.some((span) => contains(span, start)) ? slots.open(start) : undefined),
    add(slot, stretch) {
      const points = slots.add(slot, stretch)
      this.points += points
      return points
    },
    closeBefore: slots.closeBefore,
    finish: slots.finish,
    discard: slots.discard,
  }
}
