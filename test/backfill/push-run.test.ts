import { cpSync, mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { openLake } from '../../src/store/lake/lake.ts'
import type { Store } from '../../src/store/store.ts'
import { min5, min20, min60 } from '../../src/time/granularity.ts'
import { hour } from '../../src/time/range.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, lakeRows } from '../support/lakes.ts'
import { rollUp } from '../support/rollups.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 14)
const range = { start, end: start + 3 * hour }
const granularities = [min5, min60]
const archive = join(root, 'archive')
const direct = join(root, 'direct')

beforeAll(async () => {
  makeArchive({ directory: archive, start, files: 180, checks: 2, delayed: 0.02, repeated: 0.05 })
  await rollUp({ from: archive, to: direct, range, granularities })
})

/** A lake that stands for any other store, and the options that push into it. */
async function newTarget() {
  const folder = mkdtempSync(join(root, 'case-'))
  const path = join(folder, 'store')
  const store = await openLake({ path, job: 'pushed' })
  const options = (other: Store = store, settings = '') => ({
    from: archive,
    to: join(folder, 'state'),
    range,
    granularities,
    push: { store: other, name: 'test://store', settings, existing: 'replace', verify: 'full' } as const,
  })
  return { path, store, options }
}

describe('a run into a store other than a lake', () => {
  it('gives it the rows that a lake would have, and tells which', async () => {
    const { path, options } = await newTarget()
    const summary = await rollUp(options())
    expect(await lakeRows(path)).toEqual(await lakeRows(direct))
    expect(summary).toMatchObject({ exitCode: 0, to: 'test://store', state: options().to })
    expect(summary.report.push.rows).toBe(summary.report.rows)
    expect(summary.report.push.verified).toBe(summary.report.rows)
  })

  it('goes on where a push has failed without reading the archive again', async () => {
    const { path, store, options } = await newTarget()
    let calls = 0
    const failing: Store = {
      ...store,
      replace: (...args) => (calls++ === 1 ? Promise.reject(new Error('out of order')) : store.replace(...args)),
    }
    const push = { ...options(failing), granularities: [min5] }
    await expect(rollUp(push)).rejects.toThrow('out of order')
    expect(lakeFiles(path)).toHaveLength(1)
    await rollUp(push)
    const again = await rollUp(options())
    expect(again.report.files.read).toBe(0)
    expect(await lakeRows(path)).toEqual(await lakeRows(direct))
  })

  it('does nothing where all is up to date, and pushes again what was pushed with other settings', async () => {
    const { options } = await newTarget()
    await rollUp(options())
    expect((await rollUp(options())).report.push.rows).toBe(0)
    const again = await rollUp(options(undefined, 'ttl=none'))
    expect(again.report.push.rows).toBeGreaterThan(0)
    expect(again.report.rows).toBe(0)
  })

  it('finds rows of an earlier run that are no longer as it wrote them, and writes them again next time', async () => {
    const { path, store, options } = await newTarget()
    await rollUp(options())
    const [series] = (await store.own(min5, range))?.dictionary ?? []
    const slot = { start, end: start + min5.size }
    await store.replace({ granularity: min5, range: slot, series: new Set([series]) }, [])
    const finding = await rollUp(options())
    expect(finding.exitCode).toBe(4)
    expect(finding.report.mismatched).toEqual([
      {
        granularity: '5m',
        range: { start, end: start + hour },
        reason: `${series} at 2014-02-14T14:00:00Z is missing`,
      },
    ])
    expect((await rollUp(options())).exitCode).toBe(0)
    expect(await lakeRows(path)).toEqual(await lakeRows(direct))
  })

  it('pushes levels that are asked for later from what is staged, the others not at all', async () => {
    const { path, options } = await newTarget()
    await rollUp({ ...options(), granularities: [min20] })
    expect(new Set(lakeFiles(path).map((name) => name.split('/')[0]))).toEqual(new Set(['20m']))
    const later = await rollUp(options())
    expect(later.report.files.read).toBe(0)
    expect(await lakeRows(path)).toMatchObject(await lakeRows(direct))
  })

  it('removes no file before the other store has its rows', async () => {
    const { store, options } = await newTarget()
    const copy = join(mkdtempSync(join(root, 'case-')), 'archive')
    cpSync(archive, copy, { recursive: true })
    const follow = { from: copy, follow: { idleExit: 1, deleteFiles: true }, granularities: [min5] }
    const forgetful: Store = { ...store, replace: async () => ({ rows: 0, bytes: 0 }) }
    const lost = await rollUp({ ...options(forgetful), ...follow })
    expect(lost).toMatchObject({ exitCode: 4, report: { files: { removed: 0 } } })
    const held = await rollUp({ ...options(), ...follow })
    expect(held.exitCode).toBe(0)
    // The push is made at the end of a run, and the files go with the next.
    const last = await rollUp({ ...options(), ...follow })
    expect(held.report.files.removed + last.report.files.removed).toBeGreaterThan(0)
    expect(readdirSync(copy).length).toBeLessThan(180)
  })
})
