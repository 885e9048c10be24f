import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ceilTo,
  contains,
  covers,
  day,
  floorTo,
  formatRange,
  formatTime,
  hour,
  hull,
  intersect,
  isEmpty,
  overlaps,
  type Range,
  requireInstants,
  snapOutward,
  split,
  subtract,
  union,
} from '../../src/time/range.ts'

const places = [...Array(41).keys()].map((i) => i - 20)
/** The instants of a small world that lie in any of some ranges. */
const instants = (...ranges: readonly Range[]): number[] =>
  places.filter((time) => ranges.some((range) => contains(range, time)))

const place = fc.integer({ min: -20, max: 20 })
const range = fc.tuple(place, place).map(([start, end]): Range => ({ start, end }))
const ranges = fc.array(range, { maxLength: 6 })
const size = fc.integer({ min: 1, max: 9 })

/** Sorted, disjoint, not even touching, none empty. */
function expectApart(all: readonly Range[]): void {
  for (const [i, { start, end }] of all.entries()) {
    expect(start).toBeLessThan(end)
    if (i > 0) expect(all[i - 1].end).toBeLessThan(start)
  }
}

describe('a range', () => {
  it('holds its start but not its end', () => {
    expect(instants({ start: 2, end: 4 })).toEqual([2, 3])
    expect(isEmpty({ start: 4, end: 4 })).toBe(true)
  })

  it('shares with another one just the instants of both', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const both = instants(a).filter((time) => contains(b, time))
        expect(instants(intersect(a, b))).toEqual(both)
        if (!isEmpty(a) && !isEmpty(b)) expect(overlaps(a, b)).toBe(both.length > 0)
        if (covers(a, b)) expect(both).toEqual(instants(b))
      }),
    )
  })

  it('is cut at every multiple of a size, without gap or overlap', () => {
    fc.assert(
      fc.property(range, size, (whole, step) => {
        const parts = split(whole, step)
        expect(parts.flatMap((part) => instants(part))).toEqual(instants(whole))
        for (const [i, part] of parts.entries()) {
          expect(floorTo(part.start, step)).toBe(floorTo(part.end - 1, step))
          if (i > 0) expect(part.start).toBe(parts[i - 1].end)
          if (i > 0) expect(part.start).toBe(floorTo(part.start, step))
        }
      }),
    )
  })

  it('without the instants of others is what is left', () => {
    fc.assert(
      fc.property(range, ranges, (whole, others) => {
        const left = subtract(whole, others)
        expect(instants(...left)).toEqual(instants(whole).filter((time) => !instants(...others).includes(time)))
        expectApart(left)
      }),
    )
  })

  it('is widened to the least whole windows that cover it', () => {
    fc.assert(
      fc.property(range, size, (inner, step) => {
        const { start, end } = snapOutward(inner, step)
        expect(inner.start - start).toBeGreaterThanOrEqual(0)
        expect(inner.start - start).toBeLessThan(step)
        expect(end - inner.end).toBeGreaterThanOrEqual(0)
        expect(end - inner.end).toBeLessThan(step)
        expect([Math.abs(start % step), Math.abs(end % step)]).toEqual([0, 0])
      }),
    )
  })

  it('must hold an instant where one is required', () => {
    expect(requireInstants({ start: 1, end: 2 })).toEqual({ start: 1, end: 2 })
    expect(() => requireInstants({ start: 0, end: 0 })).toThrow(
      'empty range: 1970-01-01T00:00:00Z/1970-01-01T00:00:00Z',
    )
  })

  it('is written in ISO-8601, with milliseconds only where there are some', () => {
    expect(formatTime(1392388200001)).toBe('2014-02-14T14:30:00.001Z')
    expect(formatRange({ start: -1_000, end: 0 })).toBe('1969-12-31T23:59:59Z/1970-01-01T00:00:00Z')
  })
})

describe('a union of ranges', () => {
  it('has the same instants, in sorted ranges that do not touch', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const merged = union(all)
        expect(instants(...merged)).toEqual(instants(...all))
        expectApart(merged)
        expect(union(merged)).toEqual(merged)
        expect(union([...all].reverse())).toEqual(merged)
      }),
    )
  })

  it('lies in the hull, which is the least range that covers it', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1 }), (all) => {
        const outer = hull(all)
        for (const each of all) expect(covers(outer, each)).toBe(true)
        expect(all.map(({ start }) => start)).toContain(outer.start)
        expect(all.map(({ end }) => end)).toContain(outer.end)
      }),
    )
  })

  it('has a hull that is found of the hours of half a century', () => {
    const hours = split({ start: 0, end: 18_250 * day }, hour)
    expect(hull(hours)).toEqual({ start: 0, end: 18_250 * day })
  })
})

it('multiples below and above a time are the time itself where it is one', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 1, max: 1e6 }), (time, step) => {
      expect(floorTo(time, step)).toBeLessThanOrEqual(time)
      expect(ceilTo(time, step)).toBeGreaterThanOrEqual(time)
      expect(ceilTo(time, step) - floorTo(time, step)).toBe(time % step === 0 ? 0 : step)
    }),
  )
})
