import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Destination } from '../../src/backfill/query/options.ts'
import { metricsFileStore } from '../../src/store/metrics-file.ts'
import { hour, minute, type Range } from '../../src/time/range.ts'
import { rowSource, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { parquetFiles } from '../support/lakes.ts'
import { type Row, sorted } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1, 14)
const at = (minutes: number) => start + minutes * minute
const between = (from: number, to: number): Range => ({ start: at(from), end: at(to) })
const every5 = (from: number, to: number, value: number, series = 'x'): Row[] =>
  Array.from({ length: (to - from) / 5 }, (_, i): Row => [series, at(from + 5 * i), value])

const place = (name: string) => join(mkdtempSync(join(root, 'case-')), name)
const lake = (): Destination => ({ kind: 'lake', path: place('lake') })
const file = (): Destination => {
  const path = place('metrics.json.gz')
  return { kind: 'file', path, store: metricsFileStore(path), state: `${path}.retrofill` }
}
const pathOf = (to: Destination) => (to.kind === 'store' ? to.name : to.path)
/** What a pipe brings: it can be read once. */
const pipe = (rows: readonly Row[], to: Destination, options: Parameters<typeof runBackfill>[2] = {}) =>
  runBackfill(rowSource(rows, { once: true }), to, options)

describe.each([
  ['a lake', lake],
  ['a metrics file', file],
])('points that are piped into %s', (_what, destination) => {
  it('stay where a later pipe brings none, in range or not, and are replaced one by one', async () => {
    const to = destination()
    await pipe(every5(0, 60, 1), to, { range: between(0, 60) })
    const { exitCode, report } = await pipe(every5(30, 50, 2), to, { range: between(30, 90) })
    expect([exitCode, report.counts]).toMatchObject([0, { read: 4, written: 4, upToDate: 0 }])
    const expected = [...every5(0, 30, 1), ...every5(30, 50, 2), ...every5(50, 60, 1)]
    expect(await storedRows(pathOf(to))).toEqual(expected)
  })

  it('add up without a range, of whatever series', async () => {
    const to = destination()
    await pipe(every5(0, 20, 1), to)
    await pipe(every5(25, 60, 2), to)
    await pipe(every5(0, 60, 3, 'y'), to)
    const all = [...every5(0, 20, 1), ...every5(25, 60, 2), ...every5(0, 60, 3, 'y')]
    expect(await storedRows(pathOf(to))).toEqual(sorted(all))
  })

  it('take the place of all in their range where that is allowed', async () => {
    const to = destination()
    await pipe(every5(0, 60, 1), to, { range: between(0, 60) })
    await pipe(every5(30, 40, 2), to, { range: between(30, 60), allowShrink: true })
    expect(await storedRows(pathOf(to))).toEqual([...every5(0, 30, 1), ...every5(30, 40, 2)])
  })

  it('leave hours alone that they bring nothing for, where no range was named and all may shrink', async () => {
    const to = destination()
    await pipe(every5(0, 180, 1), to)
    await pipe([...every5(0, 10, 2), ...every5(120, 130, 2)], to, { allowShrink: true })
    const expected = [...every5(0, 10, 2), ...every5(60, 120, 1), ...every5(120, 130, 2)]
    expect(await storedRows(pathOf(to))).toEqual(expected)
  })

  it('are the last of each series and time, however the pipes are cut and their ranges lie', async () => {
    const slot = fc.nat({ max: 23 })
    const run = fc.record({ points: fc.uniqueArray(slot, { maxLength: 12 }), ends: fc.option(fc.tuple(slot, slot)) })
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 4 }), async (runs) => {
        const to = destination()
        const twin = new Map<number, Row>()
        for (const [value, { points, ends }] of runs.entries()) {
          const range = ends ? between(5 * Math.min(...ends), 5 * Math.max(...ends) + 5) : undefined
          const rows = points.map((point): Row => ['x', at(5 * point), value + 0.5])
          await pipe(rows, to, { range, allowEmpty: true })
          for (const row of rows) if (!range || (row[1] >= range.start && row[1] < range.end)) twin.set(row[1], row)
        }
        const held = twin.size > 0 ? await storedRows(pathOf(to)) : []
        expect(held).toEqual(sorted([...twin.values()]))
      }),
      { numRuns: 25 },
    )
  })
})

it('a pipe that may shrink what it speaks of takes nothing lost for empty', async () => {
  const to = file()
  await pipe(every5(0, 180, 1), to)
  const state = `${pathOf(to)}.retrofill`
  const staged = parquetFiles(state).filter((name) => /full.*\/15\./.test(name))
  expect(staged).toHaveLength(1)
  rmSync(staged[0])
  await pipe([...every5(0, 10, 2), ...every5(120, 130, 2)], to, { allowShrink: true })
  const expected = [...every5(0, 10, 2), ...every5(60, 120, 1), ...every5(120, 130, 2)]
  expect(await storedRows(pathOf(to))).toEqual(expected)
})

describe('a pipe of which only the missing points are wanted', () => {
  it('fills every hole, and counts what it brings for hours that have none', async () => {
    const to = lake()
    const regular = Array.from({ length: 42 }, (_, i): Row => ['x', at(10 * i), i])
    const isHole = ([, time]: Row) => [1, 5].includes(Math.floor((time - start) / hour))
    await pipe(
      regular.filter((row) => !isHole(row)),
      to,
      { range: between(0, 420) },
    )
    const { exitCode, report } = await pipe(
      regular.map(
        ([series, time, value]): Row => [series, time, Number(value) + (isHole([series, time, 0]) ? 0 : 100)],
      ),
      to,
      { range: between(0, 420), onlyMissing: { every: 10 * minute }, existing: 'replace' },
    )
    expect([exitCode, report.stretches, report.counts]).toMatchObject([0, 1, { read: 30, written: 12, upToDate: 18 }])
    expect(await storedRows(pathOf(to))).toEqual(regular)
  })
})
