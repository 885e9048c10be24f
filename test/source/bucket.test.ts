import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { fetchAhead } from '../../src/bucket/ahead.ts'
import type { Bucket } from '../../src/bucket/bucket.ts'
import { nameLocation } from '../../src/util/location.ts'
import { startFakeSwift } from '../fakes/swift.ts'
import { serverOrSkip } from '../services/support.ts'
import { startSwift } from '../services/swift.ts'
import { swiftClient } from '../services/swift-client.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeRows } from '../support/lakes.ts'

const root = temporaryFolder()
const archive = join(root, 'archive')
makeArchive({ directory: archive, files: 30, checks: 10 })
const names = readdirSync(archive).sort()

/** Rolls up as a user does, and resolves to the lake's rows. */
async function rollUp(from: string, { args = [], env }: { args?: string[]; env?: Record<string, string> } = {}) {
  const to = mkdtempSync(join(root, 'lake-'))
  const ended = await runCli(['rollup', '--from', from, '--to', to, '--output', 'json', '--quiet', ...args], {
    env,
  })
  return { ...ended, rows: ended.code === 0 ? await lakeRows(to) : undefined }
}

const server = await serverOrSkip('OpenStack Swift', startSwift)

describe.skipIf(!server)('a rollup from a real bucket', async () => {
  if (!server) return
  const { user, key, authUrl, url } = server
  const client = await swiftClient(server)
  await client.makeContainer('archive')
  for (const name of names) await client.put('archive', `2014/${name}`, readFileSync(join(archive, name)))
  const places = {
    Swift: { from: 'swift:///archive/2014', env: { ST_AUTH: authUrl, ST_USER: user, ST_KEY: key } },
    S3: {
      from: `s3://archive/2014?endpoint=${url}`,
      env: { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: key },
    },
  }

  for (const [name, { from, env }] of Object.entries(places))
    for (const workers of ['0', '2'])
      it(`of ${name} with ${workers} workers gives the rows of a rollup from the directory`, async () => {
        const expected = await rollUp(archive)
        const { code, rows, stderr } = await rollUp(from, { args: ['--workers', workers], env })
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        expect(rows).toEqual(expected.rows)
      })

  it('takes wrong credentials, and a bucket that is not there, for mistakes of the user', async () => {
    const { from, env } = places.Swift
    expect(await rollUp(from, { env: { ...env, ST_KEY: 'wrong-one' } })).toMatchObject({
      code: 2,
      stderr: expect.not.stringContaining('wrong-one'),
    })
    expect(await rollUp('swift:///nowhere', { env })).toMatchObject({ code: 2 })
    expect(await rollUp(from)).toMatchObject({ code: 2, stderr: expect.stringContaining('no credentials for Swift') })
  })
})

const fakes: { stop(): Promise<void> }[] = []
afterAll(() => Promise.all([server, ...fakes].map((each) => each?.stop())))

describe('a rollup from a bucket', () => {
  it('fetches files ahead of the one that it reads, and no file twice', async () => {
    const delay = 150
    const fake = await startFakeSwift({ names, content: (name) => readFileSync(join(archive, name)), delay })
    fakes.push(fake)
    for (const workers of ['0', '1']) {
      fake.requests.length = 0
      const args = ['--workers', workers, '--batch-size', '6']
      expect(await rollUp('swift:///c', { args, env: fake.credentials })).toMatchObject({ code: 0 })
      const gets = fake.requests.filter(({ name }) => name !== '')
      expect(gets.map(({ name }) => name).sort()).toEqual(names)
      const together = gets.map(({ time }) => gets.filter((other) => Math.abs(other.time - time) < delay).length)
      expect(Math.max(...together)).toBeGreaterThan(3)
    }
  })

  it('names a file that comes broken, ends with 3, and takes it up in the next run', async () => {
    let isThere = false
    const content = (name: string) => {
      if (name === names[10] && !isThere) return Buffer.alloc(0)
      return readFileSync(join(archive, name))
    }
    const fake = await startFakeSwift({ names, size: 1_000, content })
    fakes.push(fake)
    const to = mkdtempSync(join(root, 'lake-'))
    const args = ['rollup', '--from', 'swift:///c', '--to', to, '--quiet']
    expect(await runCli(args, { env: fake.credentials })).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(names[10]),
    })
    isThere = true
    expect(await runCli(args, { env: fake.credentials })).toMatchObject({ code: 0 })
    expect(await lakeRows(to)).toEqual((await rollUp(archive)).rows)
  })
})

describe('an object that is fetched ahead', () => {
  const content = Buffer.alloc(20 * 2 ** 20, 'x')
  const counting = () => {
    const seen = { gets: 0, bytes: 0 }
    const bytes = async function* () {
      for (let at = 0; at < content.length; at += 2 ** 16) {
        seen.bytes += 2 ** 16
        yield content.subarray(at, at + 2 ** 16)
      }
    }
    const bucket: Bucket = {
      url: 'memory',
      list: () => ReadableStream.from([]),
      async get() {
        seen.gets++
        return { stream: ReadableStream.from(bytes()), size: content.length, etag: 'e' }
      },
    }
    return { seen, bucket }
  }

  it('comes in before it is asked for, but not without bounds', async () => {
    const { seen, bucket } = counting()
    const ahead = fetchAhead(bucket, 'a')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(seen.gets).toBe(1)
    expect(seen.bytes).toBeGreaterThan(2 ** 20)
    expect(seen.bytes).toBeLessThan(10 * 2 ** 20)
    const { stream } = await ahead.get('a')
    expect((await buffer(stream)).equals(content)).toBe(true)
    expect(seen.gets).toBe(1)
    await (await ahead.get('a')).stream.cancel()
    expect(seen.gets).toBe(2)
  })
})

describe('the place of an archive in the description of a job', () => {
  it.each([
    ['s3://bucket/2014/', 's3://bucket/2014'],
    [
      's3://bucket/2014?region=x&endpoint=http://minio:9000&anonymous=true',
      's3://bucket/2014?endpoint=http://minio:9000',
    ],
    ['swift:///container?region=IAD', 'swift:///container'],
    ['/data//in/../in', '/data/in'],
  ])('of %s is %s', (location, name) => expect(nameLocation(location)).toBe(name))
})
