import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { download } from '../../src/download/download.ts'
import { type Fault, startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { md5 } from '../fakes/swift.ts'
import { serverOrSkip } from '../services/support.ts'
import { startSwift } from '../services/swift.ts'
import { swiftClient } from '../services/swift-client.ts'
import { contentOf, digestsOf, emptyFolder, hasty, leftOvers, namesBetween, optionsOf } from './support.ts'

const server = await serverOrSkip('OpenStack Swift', startSwift)
afterAll(() => server?.stop())

const names = namesBetween(0, 24)
const size = 150_000
/** Those that tests replace or delete. */
const changed = [names[3], names[5]]

describe.skipIf(!server)('a download from a server that misbehaves', async () => {
  if (!server) return
  const client = await swiftClient(server)
  const proxy = await startFaultyProxy(server.url)
  afterAll(() => proxy.stop())
  const { user, key } = server
  const protocols = {
    Swift: { place: 'swift:///faults', credentials: { ST_AUTH: `${proxy.url}/auth/v1.0`, ST_USER: user, ST_KEY: key } },
    S3: {
      place: `s3://faults?endpoint=${proxy.url}`,
      credentials: { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: key },
    },
  }

  const put = (some: readonly string[]) =>
    Promise.all(some.map((name) => client.put('faults', name, contentOf(name, size))))
  beforeAll(async () => {
    await client.makeContainer('faults')
    await put(names)
  })
  beforeEach(async () => {
    await put(changed)
    proxy.reset()
  })

  for (const [protocol, { place, credentials }] of Object.entries(protocols)) {
    const fetchInto = async (directory: string) => {
      const timeouts = { idle: 2_000, attempt: 60_000 }
      const bucket = openBucket(place, { credentials, timeouts, retries: 5, clock: hasty() })
      return download(optionsOf({ bucket, directory }))
    }

    /** Breaks every `nth` object's first requests, and proves that nothing is wrong in the end. */
    const survives = async (fault: Fault, { requests = 1, every = 3 } = {}) => {
      const directory = await emptyFolder()
      const unlucky = new Set(names.filter((_, i) => i % every === 0))
      proxy.fault = ({ path, times }) =>
        [...unlucky].some((name) => path.includes(`/${name}`)) && times < requests ? fault : undefined
      const report = await fetchInto(directory)
      expect(proxy.faults).toBe(requests * unlucky.size)
      expect(report).toMatchObject({ complete: true, fetched: names.length, failed: [] })
      expect(await digestsOf(directory)).toEqual(
        Object.fromEntries(names.map((name) => [name, md5(contentOf(name, size))])),
      )
      expect(await leftOvers(directory)).toEqual([])
      for (const [path, times] of proxy.wholeBodies) if (path.includes('.json.gz')) expect(times, path).toBe(1)
    }

    it(`${protocol}: goes on after connections that break in the middle`, () =>
      survives({ reset: 0.4 }, { requests: 2 }))
    it(`${protocol}: goes on after bodies that stall`, () => survives({ stall: 0.5 }))
    it(`${protocol}: fetches half bodies of the right length again`, () => survives({ shorten: 0.5 }))
    it(`${protocol}: fetches wrong bytes again`, () => survives({ flip: true }))
    it(`${protocol}: waits when told to with 429`, () => survives({ status: 429, retryAfter: '1' }, { every: 10 }))
    it(`${protocol}: waits by itself after 429 and 503`, async () => {
      await survives({ status: 429 }, { requests: 2, every: 10 })
      proxy.reset()
      await survives({ status: 503, retryAfter: new Date(Date.now() + 1000).toUTCString() }, { every: 10 })
    })
    it(`${protocol}: tries again after errors of the server`, () => survives({ status: 500 }, { requests: 3 }))

    it(`${protocol}: takes an object that is replaced after the listing as it is now`, async () => {
      const directory = await emptyFolder()
      const other = contentOf('other', size)
      proxy.fault = async ({ path, times }) => {
        if (path.includes(`/${names[3]}`) && times === 0) await client.put('faults', names[3], other)
        if (path.includes(`/${names[5]}`) && times === 0) return { reset: 0.5 }
        if (path.includes(`/${names[5]}`) && times === 1) await client.put('faults', names[5], other)
        return undefined
      }
      expect(await fetchInto(directory)).toMatchObject({ complete: true })
      expect(await digestsOf(directory)).toMatchObject({ [names[3]]: md5(other), [names[5]]: md5(other) })
      proxy.fault = () => undefined
      expect(await fetchInto(directory)).toMatchObject({ complete: true, fetched: 0 })
    })

    it(`${protocol}: names an object that is deleted after the listing, and fetches the others`, async () => {
      const directory = await emptyFolder()
      proxy.fault = async ({ path, times }) => {
        if (path.includes(`/${names[3]}`) && times === 0) await client.remove('faults', names[3])
        return undefined
      }
      const report = await fetchInto(directory)
      expect(report).toMatchObject({ complete: false, fetched: names.length - 1, failed: [{ name: names[3] }] })
      expect(await fetchInto(directory)).toMatchObject({ complete: true, fetched: 0, files: names.length - 1 })
    })

    it(`${protocol}: names what it cannot have after all retries, and takes only that the next time`, async () => {
      const directory = await emptyFolder()
      proxy.fault = ({ path }) => (path.includes(`/${names[7]}`) ? { status: 500 } : undefined)
      const report = await fetchInto(directory)
      expect(report).toMatchObject({ complete: false, fetched: names.length - 1, failed: [{ name: names[7] }] })
      proxy.fault = () => undefined
      expect(await fetchInto(directory)).toMatchObject({ complete: true, fetched: 1, already: names.length - 1 })
    })
  }

  it('Swift: asks again for a page that repeats, and gives up where that does not end', async () => {
    const directory = await emptyFolder()
    const { place, credentials } = protocols.Swift
    const bucket = openBucket(place, { credentials, clock: hasty(), retries: 3 })
    const isSecondPage = (path: string) => path.includes(`marker=${names.at(-1)}`)
    proxy.fault = ({ path, times }) => (isSecondPage(path) && times < 2 ? { repeat: true } : undefined)
    expect(await download(optionsOf({ bucket, directory }))).toMatchObject({ complete: true, files: names.length })
    expect(proxy.faults).toBe(2)
    proxy.fault = ({ path }) => (isSecondPage(path) ? { repeat: true } : undefined)
    await expect(download(optionsOf({ bucket, directory }))).rejects.toThrow('does not advance')
  })

  it('Swift: logs in again when the token is no longer taken', async () => {
    const directory = await emptyFolder()
    let requests = 0
    proxy.fault = ({ path }) => (path.includes('/faults') && ++requests % 10 === 0 ? { status: 401 } : undefined)
    const { place, credentials } = protocols.Swift
    const bucket = openBucket(place, { credentials, clock: hasty() })
    expect(await download(optionsOf({ bucket, directory }))).toMatchObject({ complete: true })
    expect(requests).toBeGreaterThan(names.length)
  })
})
