import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { selectRows } from '../../src/metric/arrange.ts'
import type { RollupBatch } from '../../src/metric/rollups.ts'
import { sequenceOf } from '../../src/metric/sequence.ts'
import { checksum } from '../../src/store/lake/checksum.ts'
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

  it('puts rows piece by piece, over nothing or over others, as it replaces them at once', async () => {
    const hourOf = { start, end: start + hour }
    const rows = rollupsOf(['a', 'b', 'c'].map((name, i) => [name, start, i]))
    const cut = (from: number, to: number) => selectRows(rows, (_text, _time, row) => row >= from && row < to)
    const pieces = { ...sequenceOf(rows), pieces: () => [cut(0, 1), cut(1, 3)] }
    const [one, other] = [await openLake({ path: newLake(), job: 'j' }), await openLake({ path: newLake(), job: 'j' })]
    const replaced = await other.replace({ ...place, range: hourOf }, [rows])
    for (const receipt of [await one.put(min5, hourOf, pieces), await one.put(min5, hourOf, pieces)]) {
      expect(receipt).toMatchObject({ rows: 3, held: 3 })
      expect(await one.verify(min5, hourOf)).toBe(true)
      expect(rowsOf((await one.own(min5, hourOf)) as RollupBatch)).toEqual(rowsOf(rows))
    }
    expect(replaced.checksum).toBe(checksum(rows))
    expect((await one.put(min5, hourOf, sequenceOf(rows))).checksum).toBe(replaced.checksum)
    await one.put(min5, hourOf, sequenceOf(rollupsOf([])))
    expect(lakeFiles(one.path)).toEqual([])
  })

  it('tells the same checksum of many rows, put piece by piece or replaced at once', async () => {
    const hourOf = { start, end: start + hour }
    const rows = rollupsOf(Array.from({ length: 70_000 }, (_, i) => [`s${i % 6_000}`, start + (i % 12) * 300_000, i]))
    function* pieces(size: number) {
      for (let from = 0; from < rows.length; from += size)
        yield selectRows(rows, (_text, _time, row) => row >= from && row < from + size)
    }
    const [one, other] = [await openLake({ path: newLake(), job: 'j' }), await openLake({ path: newLake(), job: 'j' })]
    const put = await one.put(min5, hourOf, { ...sequenceOf(rows), pieces })
    expect(put).toEqual({ ...(await other.replace({ ...place, range: hourOf }, [rows])), bytes: put.bytes })
    expect(put.checksum).toBe(checksum(rows))
    expect(await one.verify(min5, hourOf)).toBe(true)
  })

  it('is read by DuckDB as it was written: many rows, odd values and none', async () => {
    const hourOf = { start, end: start + hour }
    const lake = await openLake({ path: newLake(), job: 'j' })
    await lake.put(min5, hourOf, sequenceOf(rollupsOf(Array.from({ length: 40_000 }, (_, i) => [`s${i}`, start, i]))))
    expect(await lake.verifyByQuery(min5, hourOf)).toBeUndefined()
    const odd = [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, 5e-324, 2n ** 63n - 1n, -(2n ** 63n)]
    const texts = ['a', 'A', 'é', '\u{ffff}', '\u{10000}', "it's", ' ']
    await lake.put(min5, hourOf, sequenceOf(rollupsOf(odd.map((value, i) => [texts[i], start, value]))))
    expect(await lake.verifyByQuery(min5, hourOf)).toBeUndefined()
    await lake.put(min5, hourOf, sequenceOf(rollupsOf([])))
    expect(await lake.verifyByQuery(min5, hourOf)).toBeUndefined()
  })

  it('does not verify a file that has been changed, cut off or removed', async () => {
    const hourOf = { start, end: start + hour }
    const lake = await openLake({ path: newLake(), job: 'j' })
    await lake.put(min5, hourOf, sequenceOf(early))
    expect(await lake.verify(min5, hourOf)).toBe(true)
    const path = join(lake.path, '5m/date=2014-02-14/14.j.parquet')
    const bytes = readFileSync(path)
    for (const length of [0, 3, 11, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length))
      expect(await lake.verify(min5, hourOf)).toBe(false)
    }
    rmSync(path)
    expect(await lake.verify(min5, hourOf)).toBe(false)
    writeFileSync(path, bytes)
    expect(await lake.verify(min5, hourOf)).toBe(true)
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

  it('takes no series over where it is to fill, unless it has each of its points, and then writes nothing', async () => {
    const path = newLake()
    const theirs = await openLake({ path, job: 'theirs' })
    await theirs.replace(place, [early])
    const mine = await openLake({ path, job: 'mine', existing: 'fill' })
    const elsewhere = rollupsOf([['s', start + 300_000, 9]])
    const same = rollupsOf([['s', start, 9]])
    for (const rows of [elsewhere, { ...same, count: Float64Array.of(same.count[0] - 1) }])
      await expect(mine.replace(place, [rows])).rejects.toMatchObject({
        exitCode: 7,
        message: 'would take s over from another job, and lose points of it: the first at 2014-02-14T14:00:00Z',
      })
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.theirs.parquet'])
    await mine.replace(place, [same])
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.mine.parquet'])
  })

  it('keeps the rows outside of a span of a series that it takes over', async () => {
    const path = newLake()
    const theirs = await openLake({ path, job: 'theirs' })
    const slots = [0, 1, 2, 3].map((i) => start + i * 300_000)
    await theirs.replace(place, [rollupsOf(slots.map((slot) => ['s', slot, 1]))])
    const mine = await openLake({ path, job: 'mine', existing: 'replace' })
    const span = { start: slots[1], end: slots[3] }
    await mine.replace({ ...place, range: span }, [rollupsOf([['s', slots[1], 9]])])
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.mine.parquet'])
    const held = await mine.own(min5, range)
    expect(held && rowsOf(held)).toEqual([
      ['s', slots[0], 1],
      ['s', slots[1], 9],
      ['s', slots[3], 1],
    ])
  })

  it('takes no series over with other rows outside of the slots that it may change, and then writes nothing', async () => {
    const path = newLake()
    const theirs = await openLake({ path, job: 'theirs' })
    const slots = [0, 1, 2].map((i) => start + i * 300_000)
    await theirs.replace(place, [rollupsOf(slots.map((slot) => ['s', slot, 1]))])
    const within = { start: slots[1] + 1_000, end: slots[1] + 2_000 }
    const mine = await openLake({ path, job: 'mine', existing: 'replace', within })
    const rowsWith = (values: readonly number[]) => [rollupsOf(values.map((value, i) => ['s', slots[i], value]))]
    for (const [values, at] of [
      [[1, 9, 9], '14:10'] as const,
      [[9, 9, 1], '14:00'] as const,
      [[1, 9], '14:10'] as const,
    ])
      await expect(mine.replace(place, rowsWith(values))).rejects.toMatchObject({
        exitCode: 7,
        message: `would change s, which another job holds, outside of the range: the first at 2014-02-14T${at}:00Z; ask for all of 2014-02-14T14:00:00Z/2014-02-14T15:00:00Z to take it over`,
      })
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.theirs.parquet'])
    await mine.replace(place, rowsWith([1, 9, 1]))
    expect(lakeFiles(path)).toEqual(['5m/date=2014-02-14/14.mine.parquet'])
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
