import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hour, minute } from '../../src/time/range.ts'
import { rowSource, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dropState } from '../support/lakes.ts'
import type { Row } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const between = (from: number, to: number) => ({ start: start + from * minute, end: start + to * minute })

it('counts what a lake holds beside the part of an hour that its ledger knows as what may be lost', async () => {
  const path = join(mkdtempSync(join(root, 'case-')), 'lake')
  const to = { kind: 'lake', path } as const
  const [first, second]: Row[] = [
    ['x', start, 1],
    ['x', start + hour / 2, 2],
  ]
  const source = (rows: Row[]) => rowSource(rows, { inputs: async () => `${rows.length}` })
  const whole = { range: between(0, 60) }
  await runBackfill(source([first, second]), to, whole)
  dropState(path, 'ledger.ndjson')
  const part = await runBackfill(source([first, second]), to, { range: between(50, 51), allowEmpty: true })
  expect(part.exitCode).toBe(0)
  for (const rows of [[second], []]) expect(await runBackfill(source(rows), to, whole)).toMatchObject({ exitCode: 7 })
  expect(await storedRows(path)).toEqual([first, second])
  await runBackfill(source([]), to, { ...whole, allowShrink: true })
  expect(await storedRows(path)).toEqual([])
})
