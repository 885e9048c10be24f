import { countPoints, type LineBatch } from '../metric/lines.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import type { Slot } from '../rollup/slots.ts'
import type { Watermark } from '../rollup/watermark.ts'
import { chunkOf, min5, slotOf } from '../time/granularity.ts'
import { contains, type Range, type Time } from '../time/range.ts'
import { type OpenChunk, openChunk } from './open-chunk.ts'

/** What a point is to a pass; `rolled` goes into a slot. */
type PointClass = 'rolled' | 'late' | 'unresolved' | 'outOfRange' | 'elsewhere'

/** What merging one batch has come to, in points. */
export interface Merged {
  readonly rolled: number
  readonly late: number
  readonly unresolved: number
  readonly outOfRange: number
  readonly elsewhere: number
  /** Where the late lines stand in the batch. */
  readonly lateLines: readonly number[]
  /** Where the lines stand whose chunk can never be made again. */
  readonly unresolvedLines: readonly number[]
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
  /** Whether the chunk of a slot can never be made again. */
  isSealed(slot: Time): boolean
}

/** Puts lines, which come in canonical order, into the slots that a pass makes. */
export interface Merger {
  /** `onSlot` is told of every slot that the batch has points of, in range or not, if its chunk can still be made. */
  add(batch: LineBatch, isNew: boolean, onSlot: (slot: Time) => void): Merged
  /** Takes out the chunks all of whose slots have closed. */
  completed(): OpenChunk[]
  /** Takes out one chunk, or every one that is left. */
  take(window?: Range): OpenChunk[]
  /** Closes the slots that start before `time`, whatever has followed them. */
  closeBefore(time: Time): void
  /** Marks the open chunk of an hour as one that has to be made again. */
  spoil(hour: Time): void
}

export function createMerger(options: MergerOptions): Merger {
  const { range, targets, watermark, mean, dropsLate, isSealed } = options
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
    if (isNew && isSealed(start)) return { class: 'unresolved' }
    if (watermark.populate(start)) closeBefore(watermark.time)
    const chunk = chunkAt(start)
    const isTarget = spansByWindow.get(chunkOf(min5, start).start)?.some((span) => contains(span, start)) ?? false
    if (start < watermark.time && (isTarget || (dropsLate && isNew))) {
      if (chunk) chunk.isStale = true
      return { class: 'late' }
    }
    const slot = isTarget ? chunk?.slot(start) : undefined
    return chunk && slot ? { class: 'rolled', chunk, slot } : { class: 'elsewhere' }
  }
  const closeBefore = (time: Time) => {
    for (const chunk of chunks.values()) chunk.closeBefore(time)
  }
  const takeOut = (found: OpenChunk[]) => {
    for (const { window } of found) {
      chunks.delete(window.start)
      taken.add(window.start)
    }
    return found.sort((a, b) => a.window.start - b.window.start)
  }

  return {
    add(batch, isNew, onSlot) {
      const placeOf = rememberPlaces(watermark, (slot) => {
        const place = enter(slot, isNew)
        if (place.class !== 'unresolved') onSlot(slot)
        return place
      })
      return mergeBatch(batch, placeOf)
    },
    completed: () => takeOut([...chunks.values()].filter(({ window }) => window.end <= watermark.time)),
    take: (window) => takeOut([...chunks.values()].filter((chunk) => !window || chunk.window.start === window.start)),
    closeBefore(time) {
      if (watermark.raise(time)) closeBefore(watermark.time)
    },
    spoil(hour) {
      const chunk = chunks.get(hour)
      if (chunk) chunk.isStale = true
    },
  }
}

type Place = { class: 'rolled'; chunk: OpenChunk; slot: Slot } | { class: Exclude<PointClass, 'rolled'> }

/** Lines of a few slots alternate: each is asked for once, until slots close and what becomes of others changes. */
function rememberPlaces(watermark: Watermark, placeOf: (slot: Time) => Place): (slot: Time) => Place {
  const places = new Map<Time, Place>()
  return (slot) => {
    const known = places.get(slot)
    if (known) return known
    const before = watermark.time
    const place = placeOf(slot)
    if (watermark.time !== before) places.clear()
    places.set(slot, place)
    return place
  }
}

function mergeBatch(batch: LineBatch, placeOf: (slot: Time) => Place): Merged {
  const counts = { rolled: 0, late: 0, unresolved: 0, outOfRange: 0, elsewhere: 0 }
  const lateLines: number[] = []
  const unresolvedLines: number[] = []
  for (let from = 0; from < batch.length; ) {
    const start = slotOf(min5, batch.time[from])
    const to = findEnd(batch.time, from, start)
    const place = placeOf(start)
    counts[place.class] += countPoints(batch, from, to)
    if (place.class === 'rolled') place.chunk.add(place.slot, { batch, from, to })
    const list = place.class === 'late' ? lateLines : place.class === 'unresolved' ? unresolvedLines : undefined
    if (list) for (let i = from; i < to; i++) list.push(i)
    from = to
  }
  return { ...counts, lateLines, unresolvedLines }
}

/** Where the lines end that follow the one at `from` and are of its slot. */
function findEnd(time: Float64Array, from: number, slot: Time): number {
  const end = slot + min5.size
  let to = from + 1
  while (to < time.length && time[to] < end && time[to] >= slot) to++
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
