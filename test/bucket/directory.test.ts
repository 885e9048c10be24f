import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { bucketContract } from '../contract/bucket.ts'

const folder = await mkdtemp(join(tmpdir(), 'retrofill-bucket-'))
afterAll(() => rm(folder, { recursive: true }))

bucketContract('a directory', async () => ({
  bucket: openBucket(folder),
  put: (name, content) => writeFile(join(folder, name), content),
  remove: (name) => rm(join(folder, name)),
  nowhere: openBucket(join(folder, 'nowhere')),
  anyName: false,
  tellsMd5: false,
}))

it('does not enter folders', async () => {
  await mkdir(join(folder, 'inner'))
  await writeFile(join(folder, 'inner/file'), 'x')
  const names = []
  for await (const { name } of openBucket(folder).list()) names.push(name)
  expect(names).not.toContain('inner')
  await expect(openBucket(folder).get('inner/file')).rejects.toThrow('not there')
})
