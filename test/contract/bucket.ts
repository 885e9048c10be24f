import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bucket, ObjectChanged, ObjectMissing } from '../../src/bucket/bucket.ts'
import { compareBytes } from '../../src/util/bytes.ts'
import { UserError } from '../../src/util/errors.ts'

/** A driver under test and a way to change what it shows. */
export interface BucketUnderTest {
  /** An empty bucket. */
  readonly bucket: Bucket
  put(name: string, content: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
  /** The same kind of bucket, at a place that does not exist. */
  readonly nowhere: Bucket
  /** Whether names may hold slashes and every other character. */
  readonly anyName: boolean
  /** Whether the store tells the MD5 of an object. */
  readonly tellsMd5: boolean
}

/** What every driver of the bucket port must show. */
export function bucketContract(name: string, make: () => Promise<BucketUnderTest>): void {
  describe(`${name} as a bucket`, () => {
    let test: BucketUnderTest
    const listed = async (options?: Parameters<Bucket['list']>[0]) => {
      const objects = []
      for await (const object of test.bucket.list(options)) objects.push(object)
      return objects
    }
    const names = async (options?: Parameters<Bucket['list']>[0]) => (await listed(options)).map(({ name }) => name)
    const read = async (...args: Parameters<Bucket['get']>) => buffer((await test.bucket.get(...args)).stream)

    const content = randomBytes(700_000)
    const plain = ['a', 'b', 'b.json.gz', 'b_0.json.gz', 'b_10', 'b_2', 'ba', 'd %+&#?=;', 'é', 'ｚ', '😀']

    beforeAll(async () => {
      test = await make()
      const all = test.anyName ? [...plain, 'b/inner', '\\"\'<>|*'] : plain
      for (const name of all) await test.put(name, Buffer.from(name.repeat(3)))
      await test.put('large', content)
      await test.put('none', Buffer.alloc(0))
    }, 120_000)

    it('lists every object once, in order of the UTF-8 bytes of the names', async () => {
      const found = await names()
      expect(found).toEqual(expect.arrayContaining([...plain, 'large', 'none']))
      expect(found).toEqual([...new Set(found)].sort(compareBytes))
    })

    it('lists only names with the prefix', async () => {
      const all = await names()
      expect(await names({ prefix: 'b_' })).toEqual(['b_0.json.gz', 'b_10', 'b_2'])
      expect(await names({ prefix: '' })).toEqual(all)
      expect(await names({ prefix: 'nothing' })).toEqual([])
    })

    it('lists only names strictly after the one given, whether that is there or not', async () => {
      const all = await names()
      for (const after of ['', 'a', 'b', 'b_0', 'b_1', 'é', '😀', 'zz'])
        expect(await names({ after })).toEqual(all.filter((name) => compareBytes(name, after) > 0))
      expect(await names({ prefix: 'b_', after: 'b_10' })).toEqual(['b_2'])
      expect(await names({ prefix: 'b_', after: 'a' })).toEqual(['b_0.json.gz', 'b_10', 'b_2'])
    })

    it('tells sizes, and the same ETag in the listing as with the content', async () => {
      for (const { name, size, etag } of await listed()) {
        const got = await test.bucket.get(name)
        expect({ size: got.size, etag: got.etag, bytes: (await buffer(got.stream)).length }, name).toEqual({
          size,
          etag,
          bytes: size,
        })
      }
    })

    it('gives the content of every object, whatever its name', async () => {
      for (const name of await names()) {
        const expected = name === 'large' ? content : name === 'none' ? Buffer.alloc(0) : Buffer.from(name.repeat(3))
        expect((await read(name)).equals(expected), name).toBe(true)
      }
    })

    it('tells the MD5 of the content where the store knows it', async () => {
      const { md5, stream } = await test.bucket.get('large')
      await stream.cancel()
      expect(md5).toBe(test.tellsMd5 ? createHash('md5').update(content).digest('hex') : undefined)
    })

    it('starts at the offset and tells the size of the whole', async () => {
      for (const offset of [0, 1, 345_678, content.length - 1]) {
        const got = await test.bucket.get('large', { offset })
        expect(got.size).toBe(content.length)
        expect((await buffer(got.stream)).equals(content.subarray(offset))).toBe(true)
      }
    })

    it('takes an offset that is not inside the object for a change', async () => {
      await expect(test.bucket.get('large', { offset: content.length })).rejects.toThrow(ObjectChanged)
      await expect(test.bucket.get('a', { offset: 1000 })).rejects.toThrow(ObjectChanged)
    })

    it('gives an object only while it has the ETag that is asked for', async () => {
      await test.put('changing', Buffer.from('first'))
      const [{ etag }] = await listed({ prefix: 'changing' })
      expect((await read('changing', { ifMatch: etag })).toString()).toBe('first')
      expect((await read('changing', { ifMatch: etag, offset: 2 })).toString()).toBe('rst')
      await test.put('changing', Buffer.from('other'))
      await expect(test.bucket.get('changing', { ifMatch: etag })).rejects.toThrow(ObjectChanged)
      await expect(test.bucket.get('changing', { ifMatch: etag, offset: 2 })).rejects.toThrow(ObjectChanged)
      expect((await listed({ prefix: 'changing' }))[0].etag).not.toBe(etag)
    })

    it('says that an object is missing, from the start or since it was removed', async () => {
      await expect(test.bucket.get('never')).rejects.toThrow(ObjectMissing)
      await expect(test.bucket.get('../secret')).rejects.toThrow(ObjectMissing)
      await test.put('gone', Buffer.from('x'))
      await test.remove('gone')
      await expect(test.bucket.get('gone')).rejects.toThrow(ObjectMissing)
      expect(await names({ prefix: 'gone' })).toEqual([])
    })

    it('serves many objects at once', async () => {
      const copies = await Promise.all(Array.from({ length: 12 }, () => read('large')))
      expect(copies.every((copy) => copy.equals(content))).toBe(true)
    })

    it('ends with the reason of the signal when it is aborted, before or in the middle', async () => {
      const reason = new Error('enough')
      await expect(names({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const control = new AbortController()
      const aborted = test.bucket.get('large', { signal: AbortSignal.abort(reason) })
      await expect(aborted).rejects.toBe(reason)
      const { stream } = await test.bucket.get('large', { signal: control.signal })
      const reading = (async () => {
        for await (const _ of stream) control.abort(reason)
      })()
      await expect(reading).rejects.toBe(reason)
    })

    it('lets go of a stream that is not read to its end', async () => {
      const { stream } = await test.bucket.get('large')
      const reader = stream.getReader()
      expect((await reader.read()).done).toBe(false)
      await reader.cancel()
      expect((await read('a')).toString()).toBe('aaa')
    })

    it('takes a place that does not exist for a mistake of the user', async () => {
      const listing = (async () => {
        for await (const _ of test.nowhere.list());
      })()
      await expect(listing).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('not found') })
      await expect(listing).rejects.toThrow(UserError)
    })
  })
}
