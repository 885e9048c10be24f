import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Existing, type PushTarget, pushSpan } from '../../src/backfill/push.ts'
import { keepSuperseded } from '../../src/backfill/superseded.ts'
import { isPoints, type RowBatch } from '../../src/metric/rows.ts'
import { sequenceOf } from '../../src/metric/sequence.ts'
import { type Lake, openLake } from '../../src/store/lake/lake.ts'
import type { Store } from '../../src/store/store.ts'
import { full, type Granularity, min5 } from '../../src/time/granularity.ts'
import { hour, minute } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { failAfter } from '../support/failing-files.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type MemoryStore, memoryStore } from '../support/memory-store.ts'
import { pointsOf, type Row, rollupsOf, sorted } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 14)
const range = { start, end: start + hour }
const at = (slot: number) => start + slot * 5 * minute

interface Case {
  readonly store: MemoryStore
  /** Stages rows in place of those before, and pushes them; both on these files. */
  stage(rows: readonly Row[], files?: typeof nodeFiles): Promise<void>
  push(options?: Partial<PushTarget>, files?: typeof nodeFiles): ReturnType<typeof pushSpan>
}

function newCase(granularity: Granularity = min5): Case {
  const folder = mkdtempSync(join(root, 'case-'))
  const store = memoryStore()
  const open = async (files = nodeFiles) => {
    const superseded = await openLake({ path: join(folder, 'superseded'), job: 'j', files })
    const lake: Lake = await openLake({ path: join(folder, 'staging'), job: 'j', files })
    return { superseded, staging: keepSuperseded(lake, superseded) }
  }
  return {
    store,
    async stage(rows, files) {
      const batch = granularity === full ? pointsOf(rows) : rollupsOf(rows)
      await (await open(files)).staging.put(granularity, range, sequenceOf(batch))
    },
    async push(options, files) {
      const target = { store, existing: 'replace', verify: 'full', ...(await open(files)) } as const
      return pushSpan({ ...target, ...options }, { granularity, range })
    },
  }
}

const [a0, a1, b0, b1]: Row[] = [
  ['a', at(0), 1],
  ['a', at(1), 2n],
  ['b', at(0), 0.5],
  ['b', at(1), Number.NaN],
]
const foreign: Row = ['a', at(5), 77]
/** Another row of the same series and slot. */
const changed = ([series, time, value]: Row, to = 99): Row => [
  series,
  time,
  typeof value === 'bigint' ? BigInt(to) : to,
]

/** The same batches, in which one row counts a point more. */
async function* countMore(batches: AsyncIterable<RowBatch>, [series, time, value]: Row): AsyncIterable<RowBatch> {
  for await (const batch of batches) {
    if (!isPoints(batch)) {
      for (let i = 0; i < batch.length; i++) {
        const isIt = batch.dictionary[batch.series[i]] === series && batch.time[i] === time && batch.sum[i] === value
        if (isIt) batch.count[i]++
      }
    }
    yield batch
  }
}

describe('a push', () => {
  it.each([min5, full])(
    'makes a store hold what is staged ($name), and leaves rows alone that others wrote',
    async (level) => {
      const { store, stage, push } = newCase(level)
      store.set(foreign)
      await stage([a0, a1, b0, b1])
      expect(await push()).toMatchObject({ rows: 4, bytes: 0, kept: 0, larger: 0, verified: 4 })
      expect(store.rows()).toEqual(sorted([a0, a1, b0, b1, foreign]))
      await push()
      expect(store.rows()).toEqual(sorted([a0, a1, b0, b1, foreign]))
    },
  )

  it('takes out only what an earlier staged version had and the new one lacks, even if that was never pushed whole', async () => {
    const { store, stage, push } = newCase()
    store.set(foreign)
    await stage([a0, a1])
    await push()
    await stage([a0, b0])
    await stage([a0, b1])
    await push()
    expect(store.rows()).toEqual(sorted([a0, b1, foreign]))
    store.set(a1)
    await push()
    expect(store.rows()).toEqual(sorted([a0, a1, b1, foreign]))
  })

  it('names the series and slot of a row that is not what was written, is missing, or should be gone', async () => {
    const { store, stage, push } = newCase()
    const disturbed = (disturb: () => void) => ({
      ...store,
      async patch(...args: Parameters<NonNullable<typeof store.patch>>) {
        const receipt = await store.patch?.(...args)
        disturb()
        return receipt ?? { rows: 0, bytes: 0 }
      },
    })
    await stage([a0, b0])
    const changing = await push({ store: disturbed(() => store.set(changed(b0))) })
    expect(changing).toMatchObject({ verified: 1, difference: 'b at 2014-02-14T14:00:00Z is not what was written' })
    const losing = await push({ store: disturbed(() => store.delete('a', at(0))) })
    expect(losing.difference).toBe('a at 2014-02-14T14:00:00Z is missing')
    await stage([a0])
    const returning = await push({ store: disturbed(() => store.set(b0)) })
    expect(returning.difference).toBe('b at 2014-02-14T14:00:00Z is still there')
    expect((await push()).difference).toBeUndefined()
    expect(store.rows()).toEqual([a0])
  })

  it('reads a sample of at least 1,000 rows back where asked, and nothing where asked for none', async () => {
    const { stage, push } = newCase()
    await stage(Array.from({ length: 3_000 }, (_, i): Row => [`s${i % 1_500}`, at(Math.floor(i / 1_500)), i]))
    expect((await push({ verify: 'sample' })).verified).toBe(1_000)
    expect((await push({ verify: 'none' })).verified).toBe(0)
  })

  it.each<[Existing, Row[], object]>([
    ['replace', [a0, a1, b0], { rows: 3, kept: 0, larger: 0 }],
    ['keep', [changed(a0), a1, changed(b0)], { rows: 1, kept: 2, larger: 1 }],
    ['larger-count', [changed(a0), a1, b0], { rows: 2, kept: 1, larger: 1 }],
  ])('with %s leaves just those rows that it says, and counts them', async (existing, rows, counts) => {
    const { store, stage, push } = newCase()
    for (const row of [a0, b0]) store.set(changed(row))
    const fuller: Store = { ...store, read: (...args) => countMore(store.read(...args), changed(a0)) }
    await stage([a0, a1, b0])
    expect(await push({ store: fuller, existing })).toMatchObject(counts)
    expect(store.rows()).toEqual(rows)
  })

  it('does not take rows of its own earlier version for somebody else’s', async () => {
    const { store, stage, push } = newCase()
    await stage([a0, a1, b0])
    await push({ existing: 'keep' })
    store.set(changed(b0))
    await stage([changed(a0)])
    expect(await push({ existing: 'keep' })).toMatchObject({ rows: 1, kept: 0 })
    expect(store.rows()).toEqual(sorted([changed(a0), changed(b0)]))
  })

  it('knows the version that the store has, though later ones were never pushed', async () => {
    const { store, stage, push } = newCase()
    await stage([a0])
    await push({ existing: 'keep' })
    await stage([changed(a0, 5)])
    await stage([changed(a0, 6)])
    expect(await push({ existing: 'keep' })).toMatchObject({ rows: 1, kept: 0 })
    expect(store.rows()).toEqual([changed(a0, 6)])
  })

  it('comes to the last staged version and nothing else, wherever the machine or the store stopped before', async () => {
    const rows = fc.uniqueArray(fc.constantFrom(a0, a1, b0, b1, changed(a0), changed(a1)), {
      selector: ([series, time]) => `${series} ${time}`,
      maxLength: 4,
    })
    const attempt = fc.record({ rows, steps: fc.nat({ max: 30 }), changes: fc.nat({ max: 4 }) })
    const run = async (attempts: readonly { rows: Row[]; steps: number; changes: number }[], last: Row[]) => {
      const { store, stage, push } = newCase()
      store.set(foreign)
      for (const { rows, steps, changes } of attempts) {
        const files = failAfter(steps + 10)
        store.failAfter(changes)
        await stage(rows, files)
          .then(() => push({}, files))
          .catch(() => undefined)
      }
      store.failAfter(Number.POSITIVE_INFINITY)
      await stage(last)
      await push()
      expect(store.rows()).toEqual(sorted([...last, foreign]))
    }
    await fc.assert(fc.asyncProperty(fc.array(attempt, { maxLength: 4 }), rows, run), { numRuns: 60 })
  })
})
