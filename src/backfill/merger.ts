import type { PointBatch } from '../metric/points.ts'
import type { Slot } from '../rollup/slot.ts'
import type { MeanMode } from '../rollup/summarise.ts'
import type { Watermark } from '../rollup/watermark.ts'
import { chunkOf, min5, slotOf } from '../time/granularity.ts'
import { contains, type Range, type Time } from '../time/range.ts'
import { type OpenChunk, openChunk } from './open-chunk.ts'

/** What a point is to a pass; `rolled` goes into a slot. */
type PointClass = 'rolled' | 'late' | 'outOfRange' | 'elsewhere'

/** What merging one batch has come to. */
export interface Merged {
  readonly rolled: number
  readonly late: number
  readonly outOfRange: number
  readonly elsewhere: number
  /** Where the late points stand in the batch. */
  readonly latePoints: readonly number[]
}

export interface MergerOptions {
  /** Slot-aligned; points outside it are out of range. */
  readonly range: Range
  /** The spans to make, none across a window of the chunk grid. */
  readonly targets: readonly Range[]
  readonly watermark: Watermark
  readonly mean: MeanMode
  /** Whether a point of a slot that is not to be made counts as late where its file is new. */
  readonly dropsLate: boolean
}

/** Puts points, which come in canonical order, into the slots that a pass makes. */
export interface Merger {
  /** `onSlot` is told of every slot that the batch has points of, in range or not. */
  add(batch: PointBatch, isNew: boolean, onSlot: (slot: Time) => void): Merged
  /** Takes out the chunks all of whose slots have closed. */
  completed(): OpenChunk[]
  /** Takes out one chunk, or every one that is left. */
  take(window?: Range): OpenChunk[]
}

export function createMerger({ range, targets, watermark, mean, dropsLate }: MergerOptions): Merger {
  const spansByWindow = groupByWindow(targets)
  const chunks = new Map<Time, OpenChunk>()
  const taken = new Set<Time>()

  const chunkAt = (slot: Time): OpenChunk | undefined => {
    const window = chunkOf(min5, slot)
    const known = chunks.get(window.start)
    const spans = spansByWindow.get(window.start)
    if (known || !spans || taken.has(window.start)) return known
    const chunk = openChunk(window, spans, mean)
    chunks.set(window.start, chunk)
    return chunk
  }
  const enter = (start: Time, isNew: boolean): Place => {
    if (!contains(range, start)) return { class: 'outOfRange' }
    if (watermark.populate(start)) for (const chunk of chunks.values()) chunk.closeBefore(watermark.time)
    const chunk = chunkAt(start)
    const isTarget = spansByWindow.get(chunkOf(min5, start).start)?.some((span) => contains(span, start)) ?? false
    if (start < watermark.time && (isTarget || (dropsLate && isNew))) {
      if (chunk) chunk.isStale = true
      return { class: 'late' }
    }
    const slot = isTarget ? chunk?.slot(start) : undefined
    return chunk && slot ? { class: 'rolled', chunk, slot } : { class: 'elsewhere' }
  }
  const takeOut = (found: OpenChunk[]) => {
    for (const { window } of found) {
      chunks.delete(window.start)
      taken.add(window.start)
    }
    return found.sort((a, b) => a.window.start - b.window.start)
  }

  return {
    add: (batch, isNew, onSlot) =>
      mergeBatch(batch, (slot) => {
        onSlot(slot)
        return enter(slot, isNew)
      }),
    completed: () => takeOut([...chunks.values()].filter(({ window }) => window.end <= watermark.time)),
    take: (window) => takeOut([...chunks.values()].filter((chunk) => !window || chunk.window.start === window.start)),
  }
}

type Place = { class: 'rolled'; chunk: OpenChunk; slot: Slot } | { class: Exclude<PointClass, 'rolled'> }

function mergeBatch(batch: PointBatch, enter: (slot: Time) => Place): Merged {
  const counts = { rolled: 0, late: 0, outOfRange: 0, elsewhere: 0 }
  const latePoints: number[] = []
  for (let from = 0; from < batch.length; ) {
    const start = slotOf(min5, batch.time[from])
    const to = findEnd(batch, from, start + min5.size)
    const place = enter(start)
    counts[place.class] += to - from
    if (place.class === 'rolled') place.chunk.add(place.slot, { batch, from, to })
    else if (place.class === 'late') for (let i = from; i < to; i++) latePoints.push(i)
    from = to
  }
  return { ...counts, latePoints }
}

/** Where the points end that follow the one at `from` and are of its slot, which ends at `slotEnd`. */
function findEnd({ time, length }: PointBatch, from: number, slotEnd: Time): number {
  let to = from + 1
  while (to < length && time[to] < slotEnd && time[to] >= slotEnd - min5.size) to++
  return to
}

function groupByWindow(targets: readonly Range[]): Map<Time, Range[]> {
  const groups = new Map<Time, Range[]>()
  for (const span of targets) {
    const { start } = chunkOf(min5, span.start)
    groups.set(start, [...(groups.get(start) ?? []), span])
  }
  return groups
}
