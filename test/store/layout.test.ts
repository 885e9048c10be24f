import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileOf, heldWindows } from '../../src/store/lake/layout.ts'
import { chunkOf, full, min5, min60 } from '../../src/time/granularity.ts'
import { always, hour } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { rowSource, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import type { Row } from '../support/rows.ts'

const instant = fc.maxSafeInteger().filter((time) => time >= always.start && time < always.end)

describe('the files of a lake', () => {
  it.each([
    [Date.UTC(2014, 1, 14, 14), '5m/date=2014-02-14/14.job.parquet'],
    [Date.parse('+012345-01-31T05:00:00Z'), '5m/date=+012345-01-31/05.job.parquet'],
    [Date.parse('-000001-12-31T23:00:00Z'), '5m/date=-000001-12-31/23.job.parquet'],
  ])('are named by day and hour: %i', (start, path) => {
    expect(fileOf(min5, { start, end: start + hour }, 'job')).toBe(path)
  })

  it('have other names for other windows, whatever the date', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 800 }), fc.constantFrom(min5, min60), (time, hours, level) => {
        const [a, b] = [time, time + hours * hour].map((one) => chunkOf(level, Math.min(one, always.end - 1)))
        expect(fileOf(level, a, 'job') === fileOf(level, b, 'job')).toBe(a.start === b.start)
      }),
    )
  })

  it('are found from any start to any end, and tell their windows, from the first day of all to the last', async () => {
    const rows: Row[] = [
      ['x', always.start, 1],
      ['x', Date.parse('-000001-12-31T23:00:00Z'), 2],
      ['x', Date.parse('+012345-01-01T05:00:00Z'), 3],
      ['x', Date.parse('+012345-01-31T05:00:00Z'), 4],
      ['x', always.end - 1, 5],
    ]
    for (const row of rows) {
      const path = join(temporaryFolder(), 'lake')
      await runBackfill(rowSource([row]), { kind: 'lake', path })
      const window = chunkOf(full, row[1])
      expect(await heldWindows(nodeFiles, path, full)).toEqual([window])
      for (const range of [always, window]) expect(await storedRows(path, full, range)).toEqual([row])
    }
  })
})
