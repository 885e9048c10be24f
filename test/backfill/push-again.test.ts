import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Existing } from '../../src/backfill/push.ts'
import { readStatus } from '../../src/backfill/status.ts'
import { Transient } from '../../src/bucket/bucket.ts'
import type { Patch, Store } from '../../src/store/store.ts'
import { hour, minute } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { rowSource, runBackfill } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { memoryStore } from '../support/memory-store.ts'
import type { Row } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const range = { start, end: start + hour }
const threeHours = { range: { start, end: start + 3 * hour } }

it.each<Existing>(['keep', 'larger-count'])(
  'with --existing %s makes a store hold points that have changed since a push failed half-way',
  async (existing) => {
    const store = memoryStore()
    const state = mkdtempSync(join(root, 'case-'))
    const to = { kind: 'store', name: 'test://store', store, settings: '', state } as const
    const version = (value: number, count: number): Row[] =>
      Array.from({ length: count }, (_, i): Row => ['x', start + i * minute, value])
    const push = (rows: Row[]) =>
      runBackfill(rowSource(rows, { inputs: async () => `${rows}` }), to, { range, existing, allowShrink: true })
    await push(version(1, 3))
    store.failAfter(1)
    await expect(push(version(2, 3))).rejects.toThrow('the store has stopped')
    store.failAfter(Number.POSITIVE_INFINITY)
    store.set(['x', start + 40 * minute, 77])
    expect(await push(version(3, 2))).toMatchObject({ exitCode: 0, report: { push: { kept: 0 } } })
    expect(store.rows()).toEqual([...version(3, 2), ['x', start + 40 * minute, 77]])
  },
)

it('tells of a push that has failed by its hour, and no more once that is pushed', async () => {
  const store = memoryStore()
  const isSecond = ({ rows }: Patch) => rows.time[0] >= start + hour
  const refusing: Store = {
    ...store,
    patch: async (change) => {
      if (isSecond(change)) throw new Transient('server', 'slow down')
      return store.patch?.(change) ?? { rows: 0, bytes: 0 }
    },
  }
  const state = mkdtempSync(join(root, 'case-'))
  const rows = Array.from({ length: 9 }, (_, i): Row => ['x', start + i * 20 * minute, i])
  const push = (to: Store) =>
    runBackfill(rowSource(rows), { kind: 'store', name: 'test://store', store: to, settings: '', state }, threeHours)
  await expect(push(refusing)).rejects.toThrow('slow down')
  const [folder] = readdirSync(state)
  const failed = async () => (await readStatus(nodeFiles, join(state, folder)))[0].levels[0].failed
  expect(await failed()).toBe(1)
  expect(await push(store)).toMatchObject({ exitCode: 0 })
  expect(await failed()).toBe(0)
})
