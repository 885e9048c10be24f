import { usageError } from '../util/errors.ts'

/** An instant: milliseconds since the epoch, UTC. */
export type Time = number

/** A half-open interval of time: `start` belongs to it, `end` does not. */
export interface Range {
  readonly start: Time
  readonly end: Time
}

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** The last instant that a `Date` can hold; the first is as far before the epoch. */
export const lastInstant: Time = 8.64e15

/** All of time. */
export const always: Range = { start: -lastInstant, end: lastInstant }

export const isEmpty = (range: Range): boolean => range.start >= range.end

/** The same range. Throws a usage error where no instant lies in it. */
export function requireInstants(range: Range): Range {
  if (isEmpty(range)) throw usageError(`empty range: ${formatRange(range)}`, 'the end must come after the start')
  return range
}

const longest = 100 * 365 * day

/** Throws a usage error where a range is longer than anybody means to go through hour by hour: one odd time makes it so. */
export function requireShort(range: Range, what = 'the range spans'): Range {
  const length = range.end - range.start
  if (length <= longest) return range
  throw usageError(
    `${what} ${Math.round(length / (365 * day))} years: ${formatRange(range)}`,
    'name at most 100 years with --start-time and --end-time',
  )
}

export const contains = (range: Range, time: Time): boolean => time >= range.start && time < range.end

export const covers = (outer: Range, inner: Range): boolean => outer.start <= inner.start && outer.end >= inner.end

export const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end

/** What two ranges share; empty where they share nothing. */
export const intersect = (a: Range, b: Range): Range => {
  const start = Math.max(a.start, b.start)
  return { start, end: Math.max(start, Math.min(a.end, b.end)) }
}

/** The smallest range that covers all of some ranges. */
export function hull(ranges: readonly Range[]): Range {
  // Hours of some decades are more than the arguments that a function can have.
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const range of ranges) {
    start = Math.min(start, range.start)
    end = Math.max(end, range.end)
  }
  return { start, end }
}

/** The largest multiple of `size` that is not after `time`, counted from the epoch. */
export const floorTo = (time: Time, size: number): Time => Math.floor(time / size) * size

/** The smallest multiple of `size` that is not before `time`. */
export const ceilTo = (time: Time, size: number): Time => Math.ceil(time / size) * size

/** Widens a range to whole windows of `size`. */
export const snapOutward = (range: Range, size: number): Range => ({
  start: floorTo(range.start, size),
  end: ceilTo(range.end, size),
})

/** Cuts a range at every multiple of `size`: no gap, no overlap, in order. */
export function split(range: Range, size: number): Range[] {
  const parts: Range[] = []
  for (let start = range.start; start < range.end; ) {
    const end = Math.min(floorTo(start, size) + size, range.end)
    parts.push({ start, end })
    start = end
  }
  return parts
}

/** The same instants as sorted, disjoint, non-adjacent ranges. */
export function union(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter((range) => !isEmpty(range)).sort((a, b) => a.start - b.start)
  const merged: Range[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last && range.start <= last.end) merged[merged.length - 1] = { ...last, end: Math.max(last.end, range.end) }
    else merged.push({ start: range.start, end: range.end })
  }
  return merged
}

/** The parts of `range` that none of `others` covers. */
export function subtract(range: Range, others: readonly Range[]): Range[] {
  const left: Range[] = []
  let start = range.start
  for (const other of union(others)) {
    if (other.end <= start) continue
    if (other.start >= range.end) break
    if (other.start > start) left.push({ start, end: other.start })
    start = other.end
  }
  if (start < range.end) left.push({ start, end: range.end })
  return left
}

/** ISO-8601 in UTC, with milliseconds only where there are some: `2014-02-14T14:30:00Z`. */
export const formatTime = (time: Time): string => new Date(time).toISOString().replace('.000Z', 'Z')

/** `2014-02-14T14:00:00Z/2014-02-14T15:00:00Z`, the end not included. */
export const formatRange = (range: Range): string => `${formatTime(range.start)}/${formatTime(range.end)}`
