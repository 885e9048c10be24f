import { describe, expect, it } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { arrayOf } from '../../src/util/array.ts'
import { startPublicS3 } from '../fakes/s3.ts'

describe('a listing of S3', () => {
  it.each([true, false])('has the names of objects, whether the service encodes them or not (%j)', async (encodes) => {
    const names = ['100%.json.gz', '20140214_1.json.gz', 'a+b %41.json.gz']
    const server = await startPublicS3(new Map(names.map((name) => [name, Buffer.from('x')])), 'plain', encodes)
    const bucket = openBucket(`s3://bucket?endpoint=${server.url}&anonymous=true`)
    const listed = await arrayOf(bucket.list()).finally(() => server.stop())
    expect(listed.map(({ name }) => name)).toEqual(names)
  })
})
