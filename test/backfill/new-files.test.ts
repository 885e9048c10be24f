import { describe, expect, it } from 'vitest'
import type { Catalogue, CatalogueEntry } from '../../src/archive/catalogue.ts'
import { findNewFiles } from '../../src/backfill/plan.ts'
import type { Bucket, GetOptions } from '../../src/bucket/bucket.ts'
import type { ArchiveFile } from '../../src/source/archive/file.ts'

const fileOf = (name: string): ArchiveFile => ({ name, time: 0, chunk: 0, size: 20, etag: 'another' })

/** Knows every file, with another ETag. */
const get = (): CatalogueEntry => ({
  ...fileOf(''),
  etag: 'one',
  fingerprint: '20-01',
  feeds: [],
  counts: { lines: 0, rejectedLines: 0, metrics: 0, notNumeric: 0, outOfShard: 0, rejected: 0, late: 0 },
})

describe('the files that are new', () => {
  it('are looked for no further when the run is interrupted', async () => {
    const interruption = new AbortController()
    const asked: string[] = []
    const bucket: Pick<Bucket, 'get'> = {
      async get(name: string, { signal }: GetOptions = {}) {
        asked.push(name)
        interruption.abort(new Error('interrupted'))
        signal?.throwIfAborted()
        throw new Error('cannot be read')
      },
    }
    const place = { bucket: bucket as Bucket, signal: interruption.signal }
    const found = findNewFiles(place, { get } as unknown as Catalogue, ['a', 'b'].map(fileOf))
    await expect(found).rejects.toThrow('interrupted')
    expect(asked).toEqual(['a'])
  })
})
