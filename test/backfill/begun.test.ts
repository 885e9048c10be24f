import { mkdtempSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { full, min60 } from '../../src/time/granularity.ts'
import { hour, minute } from '../../src/time/range.ts'
import { type FileSystem, nodeFiles } from '../../src/util/files.ts'
import { rowSource, runBackfill } from '../support/backfills.ts'
import { failAfter } from '../support/failing-files.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles } from '../support/lakes.ts'
import type { Row } from '../support/rows.ts'

const root = temporaryFolder()
/** All files of a lake with their bytes: equal points and levels give equal ones. */
const contentOf = (path: string): Record<string, string> =>
  Object.fromEntries(lakeFiles(path).map((name) => [name, readFileSync(join(path, name), 'base64')]))
const start = Date.UTC(2026, 0, 1)
const range = { start, end: start + hour }
const regular = Array.from({ length: 6 }, (_, i): Row => ['m', start + i * 10 * minute, i + 0.5])
const holed = regular.filter((_, i) => i !== 3)
const whole = { range, granularities: [full, min60], verify: 'none' } as const
const missing = { ...whole, onlyMissing: {} }
const refresh = { ...whole, refresh: range }
const all = { ...whole, range: undefined }

async function lakeOf(rows: readonly Row[]) {
  const to = { kind: 'lake', path: join(mkdtempSync(join(root, 'case-')), 'lake') } as const
  await runBackfill(rowSource(rows), to, whole)
  return to
}

describe('hours that a run was about to make again when it stopped', () => {
  it.each([
    ['--only-missing, and again', missing, missing],
    ['--only-missing, and then without it', missing, whole],
    ['--refresh, and then without it', refresh, whole],
    ['--refresh, and then without times', refresh, all],
    ['--refresh without times, and then without it', { ...all, refresh: range }, all],
  ])('end with levels of the points that they hold, wherever it stopped: %s', async (_name, stopped, next) => {
    const [before, after] = [await lakeOf(holed), await lakeOf(regular)].map(({ path }) => contentOf(path))
    for (let steps = 0, hasEnded = false; !hasEnded; steps += 2) {
      const to = await lakeOf(holed)
      const killed = runBackfill(rowSource(regular), to, stopped, { files: failAfter(steps) })
      hasEnded = (await Promise.allSettled([killed]))[0].status === 'fulfilled'
      expect(await runBackfill(rowSource(regular), to, next)).toMatchObject({ exitCode: 0 })
      // What has not been begun is done, as far as a plain run of a service can tell.
      const mayBe = next === missing ? [after] : [before, after]
      expect(mayBe, `stopped after ${steps} steps`).toContainEqual(contentOf(to.path))
    }
  })
})

describe('an hour that is not read back as it was made again', () => {
  /** Files of points hold others than what was put into them. */
  const forging = (forgery: Uint8Array): FileSystem => ({
    ...nodeFiles,
    async rename(from, to) {
      await nodeFiles.rename(from, to)
      if (/full.*parquet$/.test(to)) await writeFile(to, forgery)
    },
  })

  it.each([
    ['by --only-missing', refresh, missing],
    ['by a run without it', refresh, whole],
    ['without times', { ...all, refresh: range }, all],
  ])('is made again by the next run, with levels of it: %s', async (_name, first, next) => {
    const forged = await lakeOf(regular.map(([text, time, value]): Row => [text, time, Number(value) + 1]))
    const [file] = lakeFiles(forged.path).filter((name) => name.startsWith('full'))
    const files = forging(readFileSync(join(forged.path, file)))
    const to = await lakeOf(holed)
    const differing = await runBackfill(rowSource(regular), to, { ...first, verify: 'full' }, { files })
    expect(differing.exitCode).toBe(4)
    expect(await runBackfill(rowSource(regular), to, next)).toMatchObject({ exitCode: 0 })
    expect(contentOf(to.path)).toEqual(contentOf((await lakeOf(regular)).path))
  })
})
