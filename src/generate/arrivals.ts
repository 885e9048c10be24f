import type { Draw } from '../random/continuous.ts'
import { floorTo, type Range, second, type Time } from '../time/range.ts'

/** The times of a metric's points, one after the other. */
export interface Arrivals {
  /** The time of the current point; undefined after the last one. */
  readonly time: Time | undefined
  advance(): void
}

/** The start of the range and every `step` ms after it. */
export function regularArrivals({ start, end }: Range, step: number): Arrivals {
  let time = start
  return {
    get time() {
      return time < end ? time : undefined
    },
    advance: () => {
      time += step
    },
  }
}

/**
 * The start of the range, then gaps of so many seconds as `draw` gives. Time runs in exact seconds from the start and is cut to
 * milliseconds; where that repeats the last time, it is one millisecond later.
 * @param fail called for a gap that is negative or no number
 */
export function randomArrivals({ start, end }: Range, draw: Draw, fail: (gap: number) => never): Arrivals {
  let elapsed = 0
  let time = start
  return {
    get time() {
      return time < end ? time : undefined
    },
    advance: () => {
      const gap = draw()
      if (!(gap >= 0 && gap < Number.POSITIVE_INFINITY)) fail(gap)
      elapsed += gap
      time = Math.max(time + 1, start + Math.floor(elapsed * second))
    },
  }
}

/** As Clusterman: a gap is cut to whole seconds, and one more is added. */
export function clustermanGaps(draw: Draw, fail: (gap: number) => never): Draw {
  return () => {
    const gap = draw()
    const seconds = Math.trunc(gap) + 1
    if (!(seconds > 0 && seconds < Number.POSITIVE_INFINITY)) fail(gap)
    return seconds
  }
}

/** As Clusterman: a start may have a fraction of a second, which steps keep and what is written loses. */
export const inWholeSeconds = (arrivals: Arrivals): Arrivals => ({
  get time() {
    return arrivals.time === undefined ? undefined : floorTo(arrivals.time, second)
  },
  advance: arrivals.advance,
})
