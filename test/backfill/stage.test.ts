import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openStage } from '../../src/backfill/query/stage.ts'
import { arrangePoints } from '../../src/metric/arrange-points.ts'
import { hour } from '../../src/time/range.ts'
import { temporaryFolder } from '../support/folders.ts'
import { pointsOf, type Row, rowsOf } from '../support/rows.ts'

const root = temporaryFolder()

it('gives points back hour by hour, in canonical order, the last one of each series and millisecond', async () => {
  const value = fc.oneof(
    fc.double({ noNaN: false }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-0, Number.NaN),
  )
  const row = fc.tuple(fc.constantFrom('a', 'b', '😀'), fc.integer({ min: -5 * hour, max: 5 * hour }), value)
  const sameTime = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(0, 1), value)
  const batches = fc.array(fc.array(fc.oneof(row, sameTime) as fc.Arbitrary<Row>, { minLength: 1, maxLength: 9 }))
  await fc.assert(
    fc.asyncProperty(batches, async (parts) => {
      const all = parts.map(pointsOf)
      await using stage = await openStage(join(root, 'points'))
      for (const part of all) await stage.add(part)
      const expected = arrangePoints(all)
      const found: Row[] = []
      let duplicates = 0
      for (const window of stage.windows) {
        const read = await stage.read(window)
        duplicates += read.duplicates
        const rows = rowsOf(read.points)
        for (const [, time] of rows) expect(time >= window.start && time < window.end).toBe(true)
        found.push(...rows)
      }
      expect(rowsOf(arrangePoints([pointsOf(found)]))).toEqual(rowsOf(expected))
      expect(duplicates).toBe(parts.flat().length - expected.length)
    }),
    { numRuns: 50 },
  )
})
