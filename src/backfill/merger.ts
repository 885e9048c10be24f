import { countPoints, type LineBatch } from '../metric/lines.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import type { Slot, Stretch } from '../rollup/slots.ts'
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
    add: (batch, isNew, onSlot) =>
      mergeBatch(batch, {
        watermark,
        enter(slot) {
          const place = enter(slot, isNew)
          if (place.class !== 'unresolved') onSlot(slot)
          return place
        },
      }),
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

interface Entrance {
  readonly watermark: Watermark
  /** What becomes of the lines of a slot; it may raise the watermark, which changes what becomes of those of other slots. */
  enter(slot: Time): Place
}

function mergeBatch(batch: LineBatch, { watermark, enter }: Entrance): Merged {
  const merging = startMerging(batch)
  const places = new Map<Time, Place>()
  for (let from = 0; from < batch.length; ) {
    const to = endOfKnown(batch.time, from, places)
    merging.add({ batch, from, to }, places)
    if (to < batch.length) {
      const slot = slotOf(min5, batch.time[to])
      const before = watermark.time
      const place = enter(slot)
      if (watermark.time !== before || places.size === mostPlaces) places.clear()
      places.set(slot, place)
    }
    from = to
  }
  return merging.end()
}

/** Every stretch of lines is looked through once for each slot that is known: there are a few, unless clocks are wild. */
const mostPlaces = 32

/** Where the first line from `from` on stands whose slot is not known. */
function endOfKnown(time: Float64Array, from: number, known: ReadonlyMap<Time, unknown>): number {
  let slot = Number.NaN
  for (let i = from; i < time.length; i++) {
    if (time[i] >= slot && time[i] < slot + min5.size) continue
    slot = slotOf(min5, time[i])
    if (!known.has(slot)) return i
  }
  return time.length
}

/** Puts the lines of a batch, a stretch after another one, where they belong, and counts their points. */
function startMerging(batch: LineBatch) {
  const counts = { rolled: 0, late: 0, unresolved: 0, outOfRange: 0, elsewhere: 0 }
  const lateLines: number[] = []
  const unresolvedLines: number[] = []
  const addTo = (slot: Time, place: Place, stretch: Stretch): void => {
    if (place.class === 'rolled') {
      counts.rolled += place.chunk.add(place.slot, stretch)
      return
    }
    const lines = linesOf(slot, stretch)
    counts[place.class] += lines.reduce((sum, line) => sum + countPoints(batch, line, line + 1), 0)
    const list = place.class === 'late' ? lateLines : place.class === 'unresolved' ? unresolvedLines : undefined
    if (list) for (const line of lines) list.push(line)
  }
  return {
    add(stretch: Stretch, places: ReadonlyMap<Time, Place>): void {
      if (stretch.from < stretch.to) for (const [slot, place] of places) addTo(slot, place, stretch)
    },
    end: (): Merged => ({
      ...counts,
      lateLines: lateLines.sort(ascending),
      unresolvedLines: unresolvedLines.sort(ascending),
    }),
  }
}

const ascending = (a: number, b: number): number => a - b

/** Those of some lines that are of a slot. */
function linesOf(slot: Time, { batch, from, to }: Stretch): number[] {
  const lines: number[] = []
  for (let i = from; i < to; i++) if (batch.time[i] >= slot && batch.time[i] < slot + min5.size) lines.push(i)
  return lines
}

function groupByWindow(targets: readonly Range[]): Map<Time, Range[]> {
  const groups = new Map<Time, Range[]>()
  for (const span of targets) {
    const { start } = chunkOf(min5, span.start)
    groups.set(start, [...(groups.get(start) ?? []), span])
  }
  return groups
}
