import type { Time } from '../time/range.ts'

/** Tells which slots are closed: those that `buffered` newer populated slots have followed. */
export interface Watermark {
  /** Slots that start before this are closed. */
  readonly time: Time
  /** A point of a slot has been met. Returns whether the watermark moved. */
  populate(slot: Time): boolean
  /** Slots that start before this close, whatever has followed them. Returns whether the watermark moved. */
  raise(time: Time): boolean
}

/** A watermark that follows the newest `buffered` populated slots. */
export function createWatermark(buffered: number): Watermark {
  /** The newest populated slots, ascending. */
  const newest: Time[] = []
  let time = Number.NEGATIVE_INFINITY
  return {
    get time() {
      return time
    },
    populate(slot) {
      if (slot <= time || newest.includes(slot)) return false
      newest.push(slot)
      newest.sort((a, b) => a - b)
      if (newest.length > buffered) newest.shift()
      if (newest.length < buffered || newest[0] <= time) return false
      time = newest[0]
      return true
    },
    raise(to) {
      if (to <= time) return false
      time = to
      return true
    },
  }
}

/** No slot closes before the end of the input. */
export const neverClosing: Watermark = { time: Number.NEGATIVE_INFINITY, populate: () => false, raise: () => false }
