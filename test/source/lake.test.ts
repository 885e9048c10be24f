import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { lakeSource } from '../../src/source/lake.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import { full } from '../../src/time/granularity.ts'
import { day } from '../../src/time/range.ts'
import { sourceContract } from '../contract/source.ts'
import { temporaryFolder } from '../support/folders.ts'
import { pointsOf } from '../support/rows.ts'

const root = temporaryFolder()
const range = { start: Date.UTC(2014, 1, 14), end: Date.UTC(2014, 1, 14) + day }

sourceContract('a lake', { order: 'series', series: ['abc1', 'abc2', 'x|k=v'] }, async (rows) => {
  const path = join(mkdtempSync(join(root, 'case-')), 'lake')
  await using lake = await openLake({ path, job: 'test' })
  await lake.replace({ granularity: full, range, series: 'all' }, [pointsOf(rows)])
  return lakeSource(path)
})
