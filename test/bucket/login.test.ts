import { afterAll, describe, expect, it } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { swiftLogin } from '../../src/bucket/swift-auth.ts'
import { hasty } from '../download/support.ts'
import { serve } from '../fakes/http-server.ts'
import { startIdentity } from '../fakes/identity.ts'
import { startFakeSwift } from '../fakes/swift.ts'

const account = { storageUrl: 'http://127.0.0.1:1/v1/x', token: 'a-token' }
const identity = await startIdentity(account)
afterAll(() => identity.stop())

const rackspace = { protocol: 'rackspace' as const, authUrl: `${identity.url}/v2.0`, user: 'jane', key: 'secret' }
const keystone = {
  protocol: 'keystone' as const,
  authUrl: `${identity.url}/v3`,
  user: 'jane',
  key: 'secret',
  userDomain: 'people',
  project: 'metrics',
  projectDomain: 'work',
}

describe('logging in', () => {
  it('takes the endpoint of the zone from the catalogue, in any letter case', async () => {
    expect(await swiftLogin({ ...rackspace, region: 'iad' })()).toEqual(account)
    expect((await swiftLogin({ ...rackspace, region: 'DFW' })()).storageUrl).toBe('https://dfw.invalid/v1/x')
    expect(await swiftLogin(keystone)()).toEqual(account)
  })

  it('names the regions where the one asked for is unknown or none is chosen', async () => {
    const hint = 'choose one of DFW, IAD'
    await expect(swiftLogin({ ...rackspace, region: 'LON' })()).rejects.toMatchObject({ exitCode: 2, hint })
    await expect(swiftLogin(rackspace)()).rejects.toMatchObject({ exitCode: 2, hint })
  })

  it('takes refused credentials for a mistake of the user', async () => {
    const refused = { exitCode: 2, message: expect.stringMatching(/^credentials refused by .*401$/) }
    await expect(swiftLogin({ ...rackspace, key: 'wrong', region: 'IAD' })()).rejects.toMatchObject(refused)
    await expect(swiftLogin({ ...keystone, project: 'other' })()).rejects.toMatchObject(refused)
  })

  it('is not tried again with wrong credentials, and says which are missing', async () => {
    const list = async (credentials: Record<string, string>) => {
      for await (const _ of openBucket('swift:///container', { credentials }).list());
    }
    await expect(list({})).rejects.toThrow('no credentials for Swift')
    await expect(list({ ST_USER: 'x' })).rejects.toThrow('ST_AUTH is not set')
    await expect(list({ CLOUDFILES_USER: 'x', CLOUDFILES_KEY: 'y', CLOUDFILES_PROVIDER: 'z' })).rejects.toThrow(
      'expected cloudfiles-us or cloudfiles-uk, got z',
    )
  })

  describe('where the identity service stalls', async () => {
    const swift = await startFakeSwift({ names: ['a', 'b'], content: () => Buffer.from('x') })
    let stalls = 0
    let logins = 0
    const stalling = await serve((_request, response) => {
      if (++logins <= stalls) return
      response.setHeader('X-Storage-Url', `${swift.url}/v1/account`).setHeader('X-Auth-Token', 'token').end()
    })
    afterAll(() => Promise.all([swift.stop(), stalling.stop()]))
    const open = () => {
      logins = 0
      const credentials = { ...swift.credentials, ST_AUTH: stalling.url }
      return openBucket('swift:///container', { credentials, timeouts: { idle: 200, attempt: 5000 }, clock: hasty() })
    }

    it('is given up like any request, and tried again', async () => {
      stalls = 2
      const bucket = open()
      const sizes = await Promise.all(['a', 'b', 'a'].map(async (name) => (await bucket.get(name)).size))
      expect(sizes).toEqual([1, 1, 1])
      expect(logins).toBe(3)
    })

    it('ends with the reason of the signal', async () => {
      stalls = 1
      const control = new AbortController()
      const content = open().get('a', { signal: control.signal })
      setTimeout(() => control.abort(new Error('enough')), 20)
      await expect(content).rejects.toThrow('enough')
    })
  })
})

describe('a location', () => {
  it('is refused where it cannot be understood, without repeating a password in it', () => {
    expect(() => openBucket('ftp://host/x')).toThrow('unknown bucket: ftp://host/x')
    expect(() => openBucket('s3://')).toThrow('no bucket named')
    expect(() => openBucket('s3://bucket?colour=red')).toThrow('unknown parameter in s3://bucket: colour')
    for (const place of ['s3://bucket/100%/raw', 'swift:///100%', 'swift:///raw/100%'])
      expect(() => openBucket(place, { credentials: { ST_USER: 'x', ST_AUTH: 'y', ST_KEY: 'z' } })).toThrow('a % in')
    expect(() => openBucket('s3://bucket/raw#2')).toThrow('what begins with # would be left out of s3://bucket/raw#2')
    expect(() => openBucket('s3://bucket?anonymous=perhaps')).toThrow('expected true or false')
    expect(() => openBucket('swift://user:hunter2@host/x')).toThrow(/^(?!.*hunter2).*password/)
  })
})
