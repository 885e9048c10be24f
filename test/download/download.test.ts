import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { readMarker } from '../../src/archive/marker.ts'
import { type Bucket, ObjectMissing } from '../../src/bucket/bucket.ts'
import { noRequests } from '../../src/bucket/counts.ts'
import { openBucket } from '../../src/bucket/open.ts'
import { download } from '../../src/download/download.ts'
import { partPath } from '../../src/download/fetch.ts'
import { period } from '../../src/download/period.ts'
import { hour, minute } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { type FakeSwift, type FakeSwiftOptions, md5, startFakeSwift } from '../fakes/swift.ts'
import {
  contentOf,
  digestsOf,
  emptyFolder,
  folderWith,
  hasty,
  leftOvers,
  nameAt,
  namesBetween,
  optionsOf,
  readComplete,
  start,
  type TestOptions,
} from './support.ts'

const servers: FakeSwift[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

async function fakeSwift(options: FakeSwiftOptions): Promise<FakeSwift> {
  const server = await startFakeSwift(options)
  servers.push(server)
  return server
}

const run = (options: TestOptions) => download(optionsOf(options))

describe('the files of a period', () => {
  it('are those from 15 minutes before to 30 after, both included', async () => {
    const edges = [-15 * minute - 1, -15 * minute, 0, hour, hour + 30 * minute, hour + 30 * minute + 1].map((at) =>
      nameAt(at),
    )
    const { bucket, directory } = await folderWith(edges)
    expect(await run({ bucket, directory })).toMatchObject({ files: 4, outside: 2, first: edges[1], last: edges[4] })
    expect(Object.keys(await digestsOf(directory))).toEqual(edges.slice(1, 5))
  })

  it('are all the chunks of a time, and no foreign names', async () => {
    const names = [nameAt(0), nameAt(0, 0), nameAt(0, 1), nameAt(0, 10)]
    const { source, bucket, directory } = await folderWith(names)
    for (const name of ['20140226_README', '20140226_x_0.json.gz', nameAt(0).replace('.json', '.csv')])
      await writeFile(join(source, name), 'x')
    expect(await run({ bucket, directory })).toMatchObject({ files: 4, foreign: 3 })
    expect(Object.keys(await digestsOf(directory))).toEqual([...names].sort())
  })

  it('are found where the date and the milliseconds of a name are a day apart, and with --list-all wherever', async () => {
    const [near, far] = [`20140227_${start}.json.gz`, `20140908_${start + 1}.json.gz`]
    const { bucket, directory } = await folderWith([near, far])
    expect(await run({ bucket, directory })).toMatchObject({ files: 1, first: near })
    expect(await run({ bucket, directory, listAll: true })).toMatchObject({ files: 2, already: 1, last: far })
  })

  it('follow another pattern of names, without names that would leave the directory', async () => {
    const { bucket, directory } = await folderWith([`a-${start}`, `b-${start + 1}`])
    const own = period({ range: { start, end: start + hour }, namePattern: String.raw`[a-z]+-(?<ts>\d+)` })
    expect(await run({ bucket, directory, period: own })).toMatchObject({ files: 2, complete: true })
    expect(own.parse(`../x-${start}`)).toBeUndefined()
  })
})

describe('the end of a download', () => {
  it('is said with the count and the digest of the names', async () => {
    const names = [nameAt(minute), nameAt(0, 10), nameAt(0, 2)]
    const { bucket, directory } = await folderWith(names)
    await run({ bucket, directory })
    const sha256 = createHash('sha256')
      .update([...names].sort().join('\n'))
      .digest('hex')
    const margins = { before: 15 * minute, after: 30 * minute }
    expect(await readComplete(directory)).toEqual({ start, end: start + hour, ...margins, files: 3, sha256 })
    expect(await leftOvers(directory)).toEqual([])
  })

  it('is not said of nothing, unless that is allowed', async () => {
    const { bucket, directory } = await folderWith([])
    expect(await run({ bucket, directory })).toMatchObject({ files: 0, complete: false })
    expect(await readComplete(directory)).toBeNull()
    expect(await run({ bucket, directory, allowEmpty: true })).toMatchObject({ complete: true })
    expect(await readComplete(directory)).toMatchObject({ files: 0 })
  })

  it('is not said while the period can still grow; waiting goes on until it cannot', async () => {
    const { source, bucket, directory } = await folderWith([nameAt(0)])
    const over = start + hour + 30 * minute
    const early = { ...hasty(), now: () => over }
    expect(await run({ bucket, directory, clock: early })).toMatchObject({ isOver: false, complete: false })
    expect(await readComplete(directory)).toBeNull()

    let now = over - 50_000
    const passing = {
      ...hasty(),
      now: () => now,
      async sleep(ms: number) {
        now += ms
        await writeFile(join(source, nameAt(now - start)), contentOf('late'))
        await writeFile(join(source, nameAt(minute)), contentOf('before the marker'))
      },
    }
    expect(await run({ bucket, directory, clock: passing, wait: true })).toMatchObject({ complete: true, files: 3 })
    expect(Object.keys(await digestsOf(directory))).toHaveLength(3)
  })

  it('is taken back when another period is fetched into the directory', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 300))
    await run({ bucket, directory })
    const range = { start: start + 2 * hour, end: start + 3 * hour }
    const stopped = new AbortController()
    const progress = { expect: () => undefined, advance: () => stopped.abort(new Error('stop')) }
    await expect(
      run({ bucket, directory, period: period({ range }), signal: stopped.signal, progress }),
    ).rejects.toThrow('stop')
    expect(await readComplete(directory)).toBeNull()
  })
})

describe('another run', () => {
  it('fetches nothing that came before, even when its reader has removed it', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 10))
    await run({ bucket, directory })
    await rm(join(directory, nameAt(0)))
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 0, already: 10, complete: true })
    expect(Object.keys(await digestsOf(directory))).toHaveLength(9)
  })

  it('fetches what has changed in the bucket', async () => {
    const { source, bucket, directory } = await folderWith(namesBetween(0, 10))
    await run({ bucket, directory })
    await writeFile(join(source, nameAt(0)), contentOf('other'))
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 1, already: 9, complete: true })
    expect((await digestsOf(directory))[nameAt(0)]).toBe(md5(contentOf('other')))
  })

  it('goes on with a part at its last byte, unless the object has changed', async () => {
    const [same, changed] = [nameAt(0), nameAt(minute)]
    const server = await fakeSwift({ names: [same, changed], content: (name) => contentOf(name, 5000) })
    const directory = await emptyFolder()
    const bytes = contentOf(same, 5000)
    await writeFile(partPath(directory, { name: same, etag: md5(bytes), size: bytes.length }), bytes.subarray(0, 1234))
    await writeFile(partPath(directory, { name: changed, etag: 'old', size: 1 }), 'stale')
    const bucket = openBucket('swift:///container', { credentials: server.credentials })
    expect(await run({ bucket, directory })).toMatchObject({ complete: true })
    expect(server.requests.filter(({ name }) => name === same).map(({ from }) => from)).toEqual([1234])
    expect(await leftOvers(directory)).toEqual([])
    expect(await digestsOf(directory)).toMatchObject({ [same]: md5(bytes) })
  })

  it('takes a part that is all there for the file, without another try', async () => {
    const { source, bucket, directory } = await folderWith([nameAt(0)])
    for await (const object of bucket.list())
      await writeFile(partPath(directory, object), await readFile(join(source, object.name)))
    let bytes = 0
    const get: Bucket['get'] = async (name, options) => {
      bytes += contentOf(name).length - (options?.offset ?? 0)
      return bucket.get(name, options)
    }
    expect(await run({ bucket: { ...bucket, get }, directory, retries: 0 })).toMatchObject({ complete: true })
    expect(bytes).toBe(1)
    expect(await digestsOf(directory)).toEqual({ [nameAt(0)]: md5(contentOf(nameAt(0))) })
  })

  it('throws away a part whose bytes are not those of the object', async () => {
    const [name] = [nameAt(0)]
    const server = await fakeSwift({ names: [name], content: (name) => contentOf(name, 5000) })
    const directory = await emptyFolder()
    const bytes = contentOf(name, 5000)
    await writeFile(partPath(directory, { name, etag: md5(bytes), size: bytes.length }), Buffer.alloc(1234))
    const bucket = openBucket('swift:///container', { credentials: server.credentials })
    expect(await run({ bucket, directory })).toMatchObject({ complete: true })
    expect(await digestsOf(directory)).toEqual({ [name]: md5(bytes) })
  })

  it('takes over a file that is there but not recorded, if its digest is right', async () => {
    const names = namesBetween(0, 3)
    const server = await fakeSwift({ names, content: (name) => contentOf(name) })
    const directory = await emptyFolder()
    await writeFile(join(directory, names[0]), contentOf(names[0]))
    await writeFile(join(directory, names[1]), Buffer.alloc(contentOf(names[1]).length))
    const bucket = openBucket('swift:///container', { credentials: server.credentials })
    expect(await run({ bucket, directory })).toMatchObject({ complete: true, already: 1, fetched: 2 })
    expect(await digestsOf(directory)).toEqual(Object.fromEntries(names.map((name) => [name, md5(contentOf(name))])))
  })

  it('is refused while the first one is going on', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 50))
    const first = run({ bucket, directory })
    await sleep(5)
    await expect(run({ bucket, directory })).rejects.toMatchObject({ exitCode: 7 })
    await first
  })
})

describe('a large object whose manifest is listed as empty', () => {
  it('is fetched with all that it is made of', async () => {
    const content = contentOf(nameAt(0))
    const bucket: Bucket = {
      url: 'segments',
      async *list() {
        yield { name: nameAt(0), size: 0, etag: md5(Buffer.of()) }
      },
      get: async () => ({ stream: ReadableStream.from([content]), size: content.length, etag: 'of its segments' }),
    }
    const directory = await emptyFolder()
    expect(await run({ bucket, directory })).toMatchObject({ complete: true, fetchedBytes: content.length })
    expect(await digestsOf(directory)).toEqual({ [nameAt(0)]: md5(content) })
  })
})

describe('a gzip that is broken', () => {
  it('in the bucket is copied as it is, since it comes alike twice', async () => {
    const { source, bucket, directory } = await folderWith([nameAt(0)])
    await writeFile(join(source, nameAt(0)), contentOf(nameAt(0)).subarray(0, 100))
    expect(await run({ bucket, directory })).toMatchObject({ complete: true })
    expect((await stat(join(directory, nameAt(0)))).size).toBe(100)
  })
})

describe('limits on the disk', () => {
  it('pause the download until its reader has removed files', async () => {
    const names = namesBetween(0, 40)
    const { bucket, directory } = await folderWith(names)
    let most = 0
    let reading = true
    const reader = (async () => {
      while (reading) {
        const there = Object.keys(await digestsOf(directory))
        // While a name is looked up it may change from temporary to final: both are one file.
        const times = (await readdir(directory)).flatMap((name) => /_(\d+)\.json\.gz/.exec(name)?.[1] ?? [])
        most = Math.max(most, new Set(times).size)
        for (const name of there.slice(0, -6)) await rm(join(directory, name))
        await sleep(5)
      }
    })()
    const limits = { maxFiles: 12 }
    const report = await run({ bucket, directory, limits, readerSpan: 5 * minute, clock: hasty(200) })
    reading = false
    await reader
    expect(report).toMatchObject({ complete: true, fetched: 40 })
    expect(most).toBeLessThanOrEqual(12)
    expect(most).toBeGreaterThan(6)
  })

  it('that leave no room for what the reader needs at once are refused', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 40))
    const refused = {
      exitCode: 2,
      message: '--max-files 5 is too few: the reader needs up to 6 files at once',
      hint: 'give --max-files 6 or more',
    }
    for (const dryRun of [true, false])
      await expect(
        run({ bucket, directory, limits: { maxFiles: 5 }, readerSpan: 5 * minute, dryRun }),
      ).rejects.toMatchObject(refused)
    await expect(run({ bucket, directory, limits: { maxBytes: 1000 }, readerSpan: 5 * minute })).rejects.toThrow(
      '--max-disk 1.0 kB',
    )
    expect(await run({ bucket, directory, limits: { maxFiles: 40 }, readerSpan: 5 * minute })).toMatchObject({
      complete: true,
    })
  })

  it('are named before the first byte where the disk cannot hold everything', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 10))
    const full = { directory, freeSpace: async () => 64 * 2 ** 20 }
    await expect(run({ bucket, ...full })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^not enough space in .*: .* are needed, 67\S* MB are free$/),
      hint: 'with --max-disk SIZE, files are fetched as others are removed',
    })
    expect(await digestsOf(directory)).toEqual({})
  })

  it('are not needed to stop before the disk is full, with what came kept', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 40))
    let asked = 0
    const filling = async () => 64 * 2 ** 20 + (asked++ < 10 ? 10_000_000 : 0)
    await expect(run({ bucket, directory, freeSpace: filling, batchSize: 1 })).rejects.toMatchObject({
      message: `no space left in ${directory}`,
      hint: 'make room and run the same command again',
    })
    const came = Object.keys(await digestsOf(directory)).length
    expect(came).toBeGreaterThan(0)
    expect(await run({ bucket, directory })).toMatchObject({ complete: true, already: came, fetched: 40 - came })
  })

  it('end the download where a file that cannot be had keeps its reader from removing others', async () => {
    const names = namesBetween(0, 40)
    const { bucket, directory } = await folderWith(names)
    const failing: Bucket = {
      ...bucket,
      get: (name, options) =>
        name === names[15] ? Promise.reject(new ObjectMissing('not to be had')) : bucket.get(name, options),
    }
    // As a rollup does it: what lies far enough before the marker is used up.
    const span = 5
    let reading = true
    const reader = (async () => {
      while (reading) {
        const marked = names.indexOf((await readMarker(nodeFiles, [directory])) ?? '')
        for (const name of names.slice(0, Math.max(0, marked - span))) await rm(join(directory, name), { force: true })
        await sleep(5)
      }
    })()
    const limits = { maxFiles: 12 }
    const options = { directory, limits, readerSpan: span * minute, clock: hasty(200) }
    const stopped = await run({ bucket: failing, ...options })
    expect(stopped).toMatchObject({ complete: false, failed: [{ name: names[15] }] })
    expect(stopped.left).toBeGreaterThan(0)
    expect(stopped.fetched + stopped.left).toBe(39)
    expect(await run({ bucket, ...options })).toMatchObject({ complete: true, fetched: stopped.left + 1, left: 0 })
    reading = false
    await reader
  })

  it('are said to be waited for, every minute', async () => {
    const { bucket, directory } = await folderWith(namesBetween(0, 10))
    const said: string[] = []
    let now = Date.now()
    const stopped = new AbortController()
    const clock = {
      ...hasty(),
      now: () => now,
      sleep: async (ms: number) => {
        now += ms
        if (said.length === 2) stopped.abort(new Error('enough'))
        stopped.signal.throwIfAborted()
      },
    }
    const notify = (message: string) => void said.push(message)
    const limits = { maxFiles: 4 }
    await expect(
      run({ bucket, directory, limits, clock, notify, batchSize: 1, signal: stopped.signal }),
    ).rejects.toThrow('enough')
    expect(said).toEqual(Array(2).fill(`waiting for files to be removed from ${directory}: 4 are there`))
  })
})

describe('a listing', () => {
  it('near the end of 100,000 names takes a handful of requests', async () => {
    const names = namesBetween(-99_000, 1_000).sort()
    const server = await fakeSwift({ names, size: 1000, content: () => Buffer.alloc(0) })
    const counts = noRequests()
    const bucket = openBucket('swift:///container', { credentials: server.credentials, counts })
    const directory = join(await emptyFolder(), 'new')
    const report = await run({ bucket, directory, dryRun: true })
    expect(report).toMatchObject({ files: 106, fetched: 106, complete: false, first: nameAt(-15 * minute) })
    expect(counts.pages).toBeLessThanOrEqual(3)
    await expect(stat(directory)).rejects.toThrow('ENOENT')
  })
})

describe('a directory as a source', () => {
  it('is read anew where the time of a file has changed', async () => {
    const { source, bucket, directory } = await folderWith([nameAt(0)])
    await run({ bucket, directory })
    await utimes(join(source, nameAt(0)), 1, 1)
    expect(await run({ bucket, directory })).toMatchObject({ fetched: 1, complete: true })
    await mkdir(join(source, nameAt(1)))
    expect(await run({ bucket, directory })).toMatchObject({ files: 1 })
  })
})
