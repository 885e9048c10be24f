import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findGaps, holesBetween } from '../../src/backfill/query/gaps.ts'
import { minute } from '../../src/time/range.ts'
import { rowSource } from '../support/backfills.ts'
import type { Row } from '../support/rows.ts'

const at = (minutes: number) => minutes * minute
const rows = (series: string, ...minutes: number[]): Row[] => minutes.map((one) => [series, at(one), one + 0.5])

describe('holes', () => {
  it('are where points are due and none come, each point standing for the time after it', () => {
    expect(holesBetween([at(0), at(5), at(20)], at(5))).toEqual([{ start: at(10), end: at(20) }])
    expect(holesBetween([at(5)], at(5), { start: 0, end: at(20) })).toEqual([
      { start: 0, end: at(5) },
      { start: at(10), end: at(20) },
    ])
    expect(holesBetween([], at(5), { start: 0, end: at(5) })).toEqual([{ start: 0, end: at(5) }])
  })

  it('are none where points jitter by less than half their distance', () => {
    expect(holesBetween([0, at(5) + 100_000, at(10)], at(5))).toEqual([])
  })

  it('are exactly the slots that were taken out of a regular series', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 49 })), (removed) => {
        const left = Array.from({ length: 50 }, (_, i) => i).filter((i) => !removed.includes(i))
        const holes = holesBetween(left.map(at), minute, { start: 0, end: at(50) })
        const slots = holes.flatMap(({ start, end }) =>
          Array.from({ length: (end - start) / minute }, (_, i) => start / minute + i),
        )
        expect(slots).toEqual(removed.sort((a, b) => a - b))
      }),
    )
  })

  it('are found for each series, by the step that is usual in it', async () => {
    const source = rowSource([...rows('b', 0, 1, 2, 5, 6), ...rows('a', 0, 10, 20, 50), ...rows('c', 3)])
    expect(await findGaps(source, {})).toEqual([
      { series: 'a', points: 4, every: at(10), holes: [{ start: at(30), end: at(50) }] },
      { series: 'b', points: 5, every: at(1), holes: [{ start: at(3), end: at(5) }] },
      { series: 'c', points: 1, every: Number.POSITIVE_INFINITY, holes: [] },
    ])
  })
})
