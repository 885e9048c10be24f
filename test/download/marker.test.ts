import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Bucket, ObjectMissing } from '../../src/bucket/bucket.ts'
import { download } from '../../src/download/download.ts'
import { hour, minute } from '../../src/time/range.ts'
import {
  contentOf,
  digestsOf,
  emptyFolder,
  folderWith,
  hasty,
  nameAt,
  namesBetween,
  optionsOf,
  readComplete,
  start,
  type TestOptions,
} from './support.ts'

const run = (options: TestOptions) => download(optionsOf(options))

describe('the marker', () => {
  const marked = (directory: string, name: string) => writeFile(join(directory, '.last_marker'), `${name}\n`)
  const marker = async (directory: string) => (await readFile(join(directory, '.last_marker'), 'utf8')).trim()

  it('stands at the last name up to which all files are there', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    const failing: Bucket = {
      ...bucket,
      get: (name, options) =>
        name === names[12] ? Promise.reject(new ObjectMissing(name)) : bucket.get(name, options),
    }
    expect(await run({ bucket: failing, directory })).toMatchObject({ failed: [{ name: names[12] }] })
    expect(await marker(directory)).toBe(names[11])
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 1, complete: true })
    expect(await marker(directory)).toBe(names[19])
  })

  it('goes by the milliseconds in names, then by their bytes', async () => {
    const chunks = [nameAt(0), nameAt(0, 10), nameAt(0, 2)]
    const [early, last] = [`20140227_${start + minute}.json.gz`, `20140226_${start + 3 * minute}.json.gz`]
    const names = [...chunks, early, nameAt(2 * minute), last]
    const { bucket, directory } = await folderWith(names)
    for (const [missing, before] of [
      [chunks[1], chunks[0]],
      [chunks[2], chunks[1]],
      [early, chunks[2]],
      [nameAt(2 * minute), early],
    ]) {
      const directory = await emptyFolder()
      const failing: Bucket = {
        ...bucket,
        get: (name, options) =>
          name === missing ? Promise.reject(new ObjectMissing(name)) : bucket.get(name, options),
      }
      expect(await run({ bucket: failing, directory })).toMatchObject({ fetched: 5 })
      expect(await marker(directory)).toBe(before)
    }
    expect(await run({ bucket, directory })).toMatchObject({ complete: true })
    expect(await marker(directory)).toBe(last)
  })

  it('is taken away while the first file is missing, unless it is trusted', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    const failing: Bucket = {
      ...bucket,
      get: (name, options) =>
        name === names[0] || name === names[11] ? Promise.reject(new ObjectMissing(name)) : bucket.get(name, options),
    }
    await marked(directory, names[10])
    expect(await run({ bucket: failing, directory, trustMarker: true })).toMatchObject({ fetched: 8 })
    expect(await marker(directory)).toBe(names[10])
    expect(await run({ bucket: failing, directory })).toMatchObject({ fetched: 10 })
    await expect(marker(directory)).rejects.toThrow('ENOENT')
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 2, complete: true })
    expect(await marker(directory)).toBe(names[19])
  })

  it('is only a hint: what is missing before it is fetched too', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    await marked(directory, names[10])
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 20, complete: true })
  })

  it('that is trusted leaves out what lies before it, which is said', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    await marked(directory, names[10])
    const report = await run({ bucket, directory, trustMarker: true })
    expect(report).toMatchObject({ fetched: 9, complete: false, skipped: { after: '20140225', to: names[10] } })
    expect(await readComplete(directory)).toBeNull()
    expect(await marker(directory)).toBe(names[19])
  })

  it('that is trusted leaves nothing out that is recorded or whole, so that the set stays complete', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 20))
    for (const fetched of [20, 0, 0]) {
      const report = await run({ bucket, directory, trustMarker: true })
      expect(report).toMatchObject({ fetched, files: 20, complete: true, skipped: undefined })
      expect(await readComplete(directory)).toMatchObject({ files: 20 })
    }
  })

  it('that is trusted is the one before the run, not where the run itself has moved it', async () => {
    const names = namesBetween(0, 20)
    const { source, bucket, directory } = await folderWith(names.slice(8))
    await marked(directory, names[4])
    const over = start + hour + 30 * minute
    let now = over - 10_000
    const sleep = async (ms: number) => {
      now += ms
      for (const name of [names[2], names[6]]) await writeFile(join(source, name), contentOf(name))
    }
    const clock = { ...hasty(), now: () => now, sleep }
    const report = await run({ bucket, directory, clock, wait: true, trustMarker: true })
    expect(report).toMatchObject({ fetched: 13, complete: false, skipped: { to: names[4] } })
    expect(Object.keys(await digestsOf(directory))).toEqual([names[6], ...names.slice(8)])
  })

  it('that is trusted leaves out no file that is later, whatever its name', async () => {
    const names = [nameAt(0), `20140227_${start + minute}.json.gz`, nameAt(2 * minute)]
    const { bucket, directory } = await folderWith(names)
    await marked(directory, names[1])
    expect(await run({ bucket, directory, trustMarker: true })).toMatchObject({ fetched: 1, files: 3 })
    expect(Object.keys(await digestsOf(directory))).toEqual([names[2]])
  })

  it('is looked for in the working directory too', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    const workingDirectory = await emptyFolder()
    await marked(workingDirectory, names[15])
    expect(await run({ bucket, directory, workingDirectory, trustMarker: true })).toMatchObject({ fetched: 4 })
  })

  it('of another period is ignored, which is said', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 20))
    for (const other of ['20150101_1420070400000.json.gz', '20130101_1356998400000.json.gz']) {
      await marked(directory, other)
      const said: string[] = []
      const notify = (message: string) => void said.push(message)
      expect(await run({ bucket, directory, trustMarker: true, notify })).toMatchObject({ complete: true })
      expect(said).toEqual([`ignoring the marker ${other}: it is of another period`])
    }
  })

  it('is taken away where a chosen start leaves names out, since nobody knows what has come of them', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    await marked(directory, names[10])
    expect(await run({ bucket, directory, listFrom: names[5] })).toMatchObject({ fetched: 14, complete: false })
    await expect(marker(directory)).rejects.toThrow('ENOENT')
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 6, complete: true })
    expect(await marker(directory)).toBe(names[19])
  })

  it('stands where it belongs after a chosen start that leaves out nothing', async () => {
    const names = namesBetween(0, 20)
    const { bucket, directory } = await folderWith(names)
    expect(await run({ bucket, directory, listFrom: '2014' })).toMatchObject({ fetched: 20, complete: true })
    expect(await marker(directory)).toBe(names[19])
  })
})
