import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openScratch } from '../../src/util/scratch.ts'
import { temporaryFolder } from '../support/folders.ts'

it('does not make up bytes that a scratch file has lost', async () => {
  const path = join(temporaryFolder(), 'points')
  await using scratch = await openScratch(path, 'wx+')
  await scratch.append(Uint8Array.of(1, 2, 3))
  await scratch.append(Uint8Array.of(4, 5, 6))
  expect([...(await scratch.read(2, 4))]).toEqual([3, 4, 5, 6])
  truncateSync(path, 4)
  expect([...(await scratch.read(2, 2))]).toEqual([3, 4])
  await expect(scratch.read(2, 4)).rejects.toThrow('there are no bytes 2 to 6')
})
