import { arrange } from '../metric/arrange.ts'
import type { RollupBatch } from '../metric/rollups.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import { addPoints, closeSlot, openSlot, type Slot, type Stretch } from '../rollup/slot.ts'
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
  /** Adds points to the slot of this chunk that they are of. */
  add(slot: Slot, stretch: Stretch): void
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
  const texts: string[] = []
  const ids = new Map<string, number>()
  const idsOf = new Map<readonly string[], number[]>()
  const open = new Map<Time, Slot>()
  const closed: RollupBatch[] = []
  const duplicates = new Map<Time, number>()

  const intern = (text: string) => {
    const known = ids.get(text)
    if (known !== undefined) return known
    ids.set(text, texts.length)
    return texts.push(text) - 1
  }
  /** The ids here of the ids of a batch's dictionary; those of the points of a stretch are among them. */
  const translate = ({ batch: { dictionary, series }, from, to }: Stretch): readonly number[] => {
    const translation = idsOf.get(dictionary) ?? []
    idsOf.set(dictionary, translation)
    for (let i = from; i < to; i++) translation[series[i]] ??= intern(dictionary[series[i]])
    return translation
  }
  const close = (slot: Slot) => {
    const { rows, duplicates: replaced } = closeSlot(slot, texts, mean)
    open.delete(slot.start)
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
      const slot = openSlot(start)
      open.set(start, slot)
      return slot
    },
    add(slot, stretch) {
      addPoints(slot, stretch, translate(stretch))
      this.points += stretch.to - stretch.from
    },
    closeBefore,
    finish() {
      closeBefore(Number.POSITIVE_INFINITY)
      ids.clear()
      idsOf.clear()
      // The rows are all that is needed from here on, and memory counts while they are being written.
      return { rows: arrange(closed.splice(0)), duplicates }
    },
  }
}
