import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLake } from '../../src/store/lake/lake.ts'
import { full, type Granularity, min5 } from '../../src/time/granularity.ts'
import { minute, type Range } from '../../src/time/range.ts'
import { line, metric } from '../archive/support.ts'
import { rawName, writeRaw } from '../support/archives.ts'
import { opened, rowSource, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { rollUp } from '../support/rollups.ts'
import type { Row } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 14)
const between = (from: number, to: number): Range => ({ start: start + from * minute, end: start + to * minute })
const every5 = (from: number, to: number) => Array.from({ length: (to - from) / 5 }, (_, i) => from + 5 * i)
const newLake = () => join(mkdtempSync(join(root, 'case-')), 'lake')

/** An archive with one point of each series in each of some slots, named by their minutes; all of one value. */
function archiveOf(value: number, slots: Readonly<Record<string, readonly number[]>>): string {
  const from = mkdtempSync(join(root, 'archive-'))
  const lines = Object.entries(slots).flatMap(([name, minutes]) =>
    minutes.map((at) => line({ timestamp: start + (at + 1) * minute }, { [name]: metric({ valueDbl: value }) })),
  )
  writeRaw(from, [{ name: rawName(start + 70 * minute), lines }])
  return from
}

const replace = { existing: 'replace' } as const

/** The means of the rows of a series, by the minute of their slot. */
async function meansOf(path: string, name: string, granularity: Granularity = min5): Promise<Record<number, number>> {
  const means: Record<number, number> = {}
  for await (const batch of readLake(path, { query: { granularity }, range: between(0, 60) }))
    for (let i = 0; i < batch.length; i++)
      if ('mean' in batch && batch.dictionary[batch.series[i]].endsWith(`.${name}`))
        means[(batch.time[i] - start) / minute] = batch.mean[i]
  return means
}

const all = (minutes: readonly number[], value: number) => Object.fromEntries(minutes.map((at) => [at, value]))

describe('a job from which another one has taken series over', () => {
  it('changes none of their points outside of its range when it makes its chunk again', async () => {
    const to = newLake()
    const mine = { from: archiveOf(2, { x: every5(5, 60) }), to, ...replace }
    await rollUp({ ...mine, range: between(0, 60) })
    const theirs = { from: archiveOf(1, { x: every5(0, 40) }), to, ...replace }
    expect(await rollUp({ ...theirs, range: between(0, 40) })).toMatchObject({ exitCode: 0 })
    const held = { ...all(every5(0, 40), 1), ...all(every5(40, 60), 2) }
    expect(await meansOf(to, 'x')).toEqual(held)
    expect(await rollUp({ ...mine, range: between(15, 30) })).toMatchObject({
      exitCode: 7,
      report: {
        refused: [
          {
            range: between(0, 60),
            reason: expect.stringMatching(
              /^would change \S+\.x, which another job holds, outside of the range: the first at 2014-02-14T14:00:00Z; ask for all of 2014-02-14T14:00:00Z\/2014-02-14T15:00:00Z to take it over$/,
            ),
          },
        ],
      },
    })
    expect(await meansOf(to, 'x')).toEqual(held)
  })

  it('takes all of them back where its range says so, or where they are its own outside of it', async () => {
    for (const range of [between(0, 60), between(0, 40)]) {
      const to = newLake()
      const mine = { from: archiveOf(2, { x: every5(0, 60) }), to, ...replace }
      await rollUp({ ...mine, range: between(0, 60) })
      await rollUp({ from: archiveOf(1, { x: every5(0, 40) }), to, ...replace, range: between(0, 40) })
      expect(await rollUp({ ...mine, range })).toMatchObject({ exitCode: 0 })
      expect(await meansOf(to, 'x')).toEqual(all(every5(0, 60), 2))
    }
  })

  it('changes none of their points outside of its range with those that it reads from a service', async () => {
    const to = { kind: 'lake', path: newLake() } as const
    const rowsAt = (value: number, minutes: readonly number[]) =>
      minutes.map((at): Row => ['x', start + at * minute, value])
    const [mine, theirs] = [rowSource(rowsAt(2, [0, 16, 50])), rowSource(rowsAt(1, [16, 18, 50]))]
    await runBackfill(mine, to, { ...replace, range: between(0, 60) })
    await runBackfill(theirs, to, { ...replace, from: opened(theirs, 'other'), range: between(0, 60) })
    const part = { ...replace, range: between(16, 17), granularities: [full, min5] }
    expect(await runBackfill(mine, to, part)).toMatchObject({ exitCode: 7 })
    expect(await storedRows(to.path)).toEqual(rowsAt(1, [16, 18, 50]))
    expect(await runBackfill(mine, to, { ...part, allowShrink: true })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(to.path)).toEqual(rowsAt(2, [0, 16, 50]))
  })
})

describe('a job that takes series over', () => {
  it('keeps the points that come with them into what it has done, when it makes that again', async () => {
    const to = newLake()
    await rollUp({ from: archiveOf(2, { x: every5(5, 60) }), to, ...replace, range: between(0, 60) })
    const job = { from: archiveOf(1, { z: every5(0, 20), x: every5(20, 40) }), to, ...replace }
    // Its only file is not looked for in so early a part: that is done as empty, and made again once the file is known.
    expect(await rollUp({ ...job, range: between(0, 20) })).toMatchObject({ report: { chunks: { empty: 1 } } })
    expect(await rollUp({ ...job, range: between(20, 40) })).toMatchObject({
      exitCode: 7,
      report: {
        refused: [
          {
            range: between(0, 20),
            reason: expect.stringMatching(/^would lose points of \S+\.x: the first at 2014-02-14T14:05:00Z$/),
          },
        ],
      },
    })
    const held = { ...all([5, 10, 15], 2), ...all(every5(20, 40), 1), ...all(every5(40, 60), 2) }
    expect(await meansOf(to, 'x')).toEqual(held)
  })
})
