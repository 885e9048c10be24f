import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openScratch } from '../../src/util/scratch.ts'
import { temporaryFolder } from '../support/folders.ts'

it('gives the bytes of a scratch file back in any order, and makes up none', async () => {
  await using scratch = await openScratch(join(temporaryFolder(), 'points'))
  await scratch.append(Uint8Array.of(1, 2, 3))
  await scratch.append(Uint8Array.of(4, 5, 6))
  expect([...(await scratch.read(2, 4))]).toEqual([3, 4, 5, 6])
  expect([...(await scratch.read(0, 2))]).toEqual([1, 2])
  await expect(scratch.read(4, 4)).rejects.toThrow('there are no bytes 4 to 8')
})

it('leaves nothing of a scratch file to whoever is killed while it is open', async () => {
  const folder = temporaryFolder()
  await using scratch = await openScratch(join(folder, 'points'))
  await scratch.append(Uint8Array.of(1))
  expect(readdirSync(folder)).toEqual([])
})
