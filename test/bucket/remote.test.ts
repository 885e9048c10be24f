import { afterAll, describe, expect, it } from 'vitest'
import { noRequests } from '../../src/bucket/counts.ts'
import { openBucket } from '../../src/bucket/open.ts'
import { bucketContract } from '../contract/bucket.ts'
import { startIdentity } from '../fakes/identity.ts'
import { serverOrSkip } from '../services/support.ts'
import { startSwift } from '../services/swift.ts'
import { swiftClient } from '../services/swift-client.ts'

const server = await serverOrSkip('OpenStack Swift', startSwift)
afterAll(() => server?.stop())

describe.skipIf(!server)('a real server', async () => {
  if (!server) return
  const client = await swiftClient(server)
  const { user, key, authUrl, url } = server
  const swift = { ST_AUTH: authUrl, ST_USER: user, ST_KEY: key }
  const s3 = { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: key }
  const openS3 = (place: string) => openBucket(`s3://${place}?endpoint=${url}`, { credentials: s3 })
  const openSwift = (place: string) => openBucket(`swift:///${place}`, { credentials: swift })

  const identity = await startIdentity(client.account)
  afterAll(() => identity.stop())
  const logins = {
    'v1 auth': swift,
    'Rackspace identity v2': { CLOUDFILES_USER: 'jane', CLOUDFILES_KEY: 'secret', CLOUDFILES_ZONE: 'iad' },
    'Keystone v3': {
      OS_AUTH_URL: identity.url,
      OS_USERNAME: 'jane',
      OS_PASSWORD: 'secret',
      OS_USER_DOMAIN_NAME: 'people',
      OS_PROJECT_NAME: 'metrics',
      OS_PROJECT_DOMAIN_NAME: 'work',
    },
  }
  for (const [name, credentials] of Object.entries(logins)) {
    const container = `contract of ${name}`
    const host = name.startsWith('Rackspace') ? new URL(identity.url).host : ''
    bucketContract(`Swift with ${name}`, async () => {
      await client.makeContainer(container)
      return {
        bucket: openBucket(`swift://${host}/${container}`, { credentials }),
        put: (name, content) => client.put(container, name, content),
        remove: (name) => client.remove(container, name),
        nowhere: openBucket(`swift://${host}/nowhere`, { credentials }),
        anyName: true,
        tellsMd5: true,
      }
    })
  }

  bucketContract('S3, below a prefix', async () => {
    await client.makeContainer('s3-contract')
    await client.put('s3-contract', 'archive', Buffer.from('not below'))
    await client.put('s3-contract', 'archive-2/other', Buffer.from('not below'))
    return {
      bucket: openS3('s3-contract/archive'),
      put: (name, content) => client.put('s3-contract', `archive/${name}`, content),
      remove: (name) => client.remove('s3-contract', `archive/${name}`),
      nowhere: openS3('nowhere'),
      anyName: true,
      tellsMd5: true,
    }
  })

  it('lists 2,000 objects over several pages, alike on both protocols', { timeout: 120_000 }, async () => {
    await client.makeContainer('many')
    const names = Array.from({ length: 2_000 }, (_, i) => `20140226_${1_393_442_533_000 + 60_000 * i}.json.gz`)
    for (let i = 0; i < names.length; i += 8)
      await Promise.all(names.slice(i, i + 8).map((name) => client.put('many', name, Buffer.from(name))))
    const counts = noRequests()
    for (const [place, credentials] of [
      ['swift:///many', swift] as const,
      [`s3://many?endpoint=${url}`, s3] as const,
    ]) {
      counts.pages = 0
      const found = []
      for await (const { name } of openBucket(place, { credentials, counts }).list({ after: names[9] }))
        found.push(name)
      expect(found).toEqual(names.slice(10))
      expect(counts.pages).toBeGreaterThan(1)
    }
  })

  it('takes wrong credentials for a mistake of the user, without naming the secret', async () => {
    const wrong = { ...swift, ST_KEY: 'not-the-key', AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: 'not-the-key' }
    for (const place of ['swift:///many', `s3://many?endpoint=${url}`]) {
      const listing = (async () => {
        for await (const _ of openBucket(place, { credentials: wrong }).list());
      })()
      await expect(listing, place).rejects.toMatchObject({
        exitCode: 2,
        message: expect.not.stringContaining('not-the-key'),
      })
    }
  })

  it('tells apart an object in segments, whose ETag is no digest', async () => {
    await client.makeContainer('segments')
    await client.put('segments', 'part', Buffer.from('abc'))
    await client.putManifest('segments', 'whole', ['/segments/part', '/segments/part'])
    const bucket = openSwift('segments')
    for await (const { name, etag, size } of bucket.list({ prefix: 'whole' })) {
      const got = await bucket.get(name, { ifMatch: etag, offset: 2 })
      expect({ size, etag, md5: got.md5 }).toEqual({ size: 6, etag: got.etag, md5: undefined })
      await got.stream.cancel()
    }
  })
})
