import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLake } from '../../src/store/lake/lake.ts'
import { min5, min240 } from '../../src/time/granularity.ts'
import { hour } from '../../src/time/range.ts'
import type { FileSystem } from '../../src/util/files.ts'
import { storeContract } from '../contract/store.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, leftovers } from '../support/lakes.ts'
import { rollupsOf, rowsOf } from '../support/rows.ts'

const root = temporaryFolder()
const newLake = () => join(mkdtempSync(join(root, 'case-')), 'lake')

const empty = () => {
  const path = newLake()
  return { open: (job: string, files?: FileSystem) => openLake({ path, job, files }) }
}
storeContract(
  'a lake of 5m rollups',
  { granularity: min5, isFinite: false, hasWriters: true, usesFileSystem: true },
  empty,
)
storeContract(
  'a lake of 240m rollups',
  { granularity: min240, isFinite: false, hasWriters: true, usesFileSystem: false },
  empty,
)

describe('a lake', () => {
  const start = Date.UTC(2014, 1, 14, 14)
  const range = { start, end: start + 2 * hour }
  const place = { granularity: min5, range, series: 'all' } as const
  const [early, late] = [rollupsOf([['s', start, 1]]), rollupsOf([['s', start + hour, 2n]])]

  it('has a file for each job and hour that has rows, and nothing else', async () => {
    const path = newLake()
    const lake = await openLake({ path, job: 'j' })
    await lake.replace(place, [early, late])
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.j.parquet', '5m/date=2014-02-14/15.j.parquet'])
    await lake.replace(place, [late])
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/15.j.parquet'])
    expect(leftovers(path)).toEqual([])
  })

  it('is read in order of UTF-8 bytes', async () => {
    const lake = await openLake({ path: newLake(), job: 'j' })
    const names = ['', 'Z', 'a', '\uffee', '😀']
    await lake.replace(place, [rollupsOf([...names].reverse().map((name) => [name, start, 1]))])
    const found: string[] = []
    for await (const batch of lake.read({ granularity: min5 }, range)) found.push(...batch.dictionary)
    expect(found).toEqual(names)
  })

  it('gives a job its own rows of one window', async () => {
    const lake = await openLake({ path: newLake(), job: 'j' })
    await lake.replace(place, [early, late])
    const own = await lake.own(min5, { start: start + hour + 1, end: start + hour + 2 })
    expect(own && rowsOf(own)).toEqual([['s', start + hour, 2n]])
    expect(await lake.has(min5, range)).toBe(true)
    expect(await lake.own(min240, range)).toBeUndefined()
    expect(await lake.has(min240, range)).toBe(false)
  })

  it('refuses a series that another job holds in the same hour, and takes it over where it may', async () => {
    const path = newLake()
    const theirs = await openLake({ path, job: 'theirs' })
    await theirs.replace(place, [early, late])
    const refusing = await openLake({ path, job: 'mine' })
    await expect(refusing.replace(place, [early])).rejects.toMatchObject({ exitCode: 7 })
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.theirs.parquet', '5m/date=2014-02-14/15.theirs.parquet'])
    const replacing = await openLake({ path, job: 'mine', existing: 'replace' })
    await replacing.replace(place, [rollupsOf([['s', start + 300_000, 9]])])
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.mine.parquet', '5m/date=2014-02-14/15.theirs.parquet'])
  })

  it('leaves the other series of a file from which one is taken over', async () => {
    const path = newLake()
    const theirs = await openLake({ path, job: 'theirs' })
    await theirs.replace(place, [
      rollupsOf([
        ['s', start, 1],
        ['t', start, 3],
      ]),
    ])
    const mine = await openLake({ path, job: 'mine', existing: 'replace' })
    await mine.replace(place, [early])
    const left = await theirs.own(min5, range)
    expect(left && rowsOf(left)).toEqual([['t', start, 3]])
  })
})
