import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSpool } from '../../src/metrics-file/spool.ts'
import { arrayOf } from '../../src/util/array.ts'
import { temporaryFolder } from '../support/folders.ts'
import { pointsOf } from '../support/rows.ts'

it('a spool does not make up points that its file has lost', async () => {
  const folder = temporaryFolder()
  await using spool = await openSpool(join(folder, 'm.json.gz'))
  const points = pointsOf([
    ['a', 1, 7],
    ['a', 2, 7],
  ])
  await spool.add(points)
  const values = async () => (await arrayOf(spool.read(points.dictionary[0], undefined))).map(({ value }) => value)
  expect(await values()).toEqual([7, 7])
  truncateSync(join(folder, readdirSync(folder)[0]), 20)
  await expect(values()).rejects.toThrow('there are no bytes')
})
