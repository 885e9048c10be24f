import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLedger } from '../../src/backfill/ledger.ts'
import { Transient } from '../../src/bucket/bucket.ts'
import type { Source } from '../../src/source/source.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import { full, type Granularity, min5, min60, slotOf } from '../../src/time/granularity.ts'
import { always, contains, minute, type Range, type Time } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { rowSource, runBackfill } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { parquetFiles } from '../support/lakes.ts'
import { type Row, rowsOf } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const at = (minutes: number): Time => start + minutes * minute
const between = (from: number, to: number): Range => ({ start: at(from), end: at(to) })

/** A point every five minutes for three hours, all of one value: that of a version of the source. */
const history = (version: number): Row[] => Array.from({ length: 36 }, (_, i): Row => ['x', at(5 * i), version])
const sourceOf = (version: number): Source => rowSource(history(version), { inputs: async () => `${version}` })

const newLake = () => join(mkdtempSync(join(root, 'case-')), 'lake')
const run = (path: string, version: number, options: { granularities: Granularity[]; range?: Range }) =>
  runBackfill(sourceOf(version), { kind: 'lake', path }, { ...options, existing: 'replace' })

/** Slot, count and sum of each row of a level in the lake itself, in order. */
async function heldRows(path: string, granularity: Granularity): Promise<[Time, number, number][]> {
  const lake = await openLake({ path, job: 'none', existing: 'replace', files: nodeFiles })
  const found: [Time, number, number][] = []
  for await (const batch of lake.read({ granularity }, always))
    for (let i = 0; i < batch.length; i++)
      found.push('sum' in batch ? [batch.time[i], batch.count[i], batch.sum[i]] : [batch.time[i], 1, batch.value[i]])
  return found.sort(([a], [b]) => a - b)
}

/** The points that a job holds, in whichever lake its ledger says, and the rows that its levels are to have of them. */
async function heldByJob(path: string) {
  const state = join(path, '_retrofill')
  const job = readdirSync(state).find((name) => !name.includes('.')) as string
  const ledger = await openLedger(nodeFiles, join(state, job, 'ledger.ndjson'), 'read')
  const lakes = {
    lake: await openLake({ path, job, existing: 'replace', files: nodeFiles }),
    staging: await openLake({ path: join(state, job, 'staging'), job, files: nodeFiles }),
  }
  const points: Row[] = []
  for (const span of ledger.done(full, between(0, 300))) {
    const rows = await lakes[span.held].own(full, span)
    if (rows) points.push(...rowsOf(rows).filter(([, time]) => contains(span, time)))
  }
  const due = (granularity: Granularity): [Time, number, number][] => {
    const spans = ledger.done(granularity, between(0, 300)).filter(({ held }) => held === 'lake')
    const slots = new Map<Time, [Time, number, number]>()
    for (const [, time, value] of points) {
      const slot = slotOf(granularity, time)
      if (!spans.some((span) => contains(span, slot))) continue
      const [, count, sum] = slots.get(slot) ?? [slot, 0, 0]
      slots.set(slot, [slot, count + 1, sum + Number(value)])
    }
    return [...slots.values()].sort(([a], [b]) => a - b)
  }
  return { points, due }
}

describe('levels that a backfill makes', () => {
  const slots = fc.tuple(fc.nat({ max: 35 }), fc.nat({ max: 35 })).filter(([a, b]) => a !== b)
  const step = fc.record({
    version: fc.integer({ min: 1, max: 3 }),
    range: fc.option(slots.map(([a, b]) => between(5 * Math.min(a, b), 5 * Math.max(a, b)))),
    granularities: fc.subarray([full, min5, min60], { minLength: 1 }),
  })

  it('are those of the points that are held after every run, whatever ranges, levels and inputs the runs had', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const path = newLake()
        for (const { version, range, granularities } of steps) {
          const summary = await run(path, version, { granularities, range: range ?? between(0, 180) })
          expect(summary.exitCode).toBe(0)
          const { due } = await heldByJob(path)
          for (const level of [full, min5, min60]) expect(await heldRows(path, level)).toEqual(due(level))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('are made again beyond the range, where a done hour is read again whole', async () => {
    const path = newLake()
    const granularities = [full, min5, min60]
    await run(path, 1, { granularities, range: between(0, 60) })
    await run(path, 7, { granularities, range: between(30, 90) })
    expect(await heldRows(path, min60)).toEqual([[start, 12, 84]])
    expect((await heldRows(path, min5)).map(([, , sum]) => sum)).toEqual(Array(18).fill(7))
  })

  it.each([
    ['points', [full]],
    ['the coarsest level', [min60]],
  ] as const)('stay true where a later run asks for %s only', async (_what, asked) => {
    const path = newLake()
    const range = between(0, 60)
    await run(path, 1, { granularities: [full, min5, min60], range })
    await run(path, 9, { granularities: [...asked], range })
    expect((await heldRows(path, full)).map(([, , value]) => value)).toEqual(Array(12).fill(9))
    expect((await heldRows(path, min5)).map(([, , sum]) => sum)).toEqual(Array(12).fill(9))
    expect(await heldRows(path, min60)).toEqual([[start, 12, 108]])
  })

  it('follow points of which more lie in fewer slots', async () => {
    const path = newLake()
    const to = { kind: 'lake', path } as const
    const options = { granularities: [full, min5, min60], range: between(0, 120), allowShrink: false }
    const before: Row[] = [0, 5].map((minutes) => ['x', at(minutes), 1])
    const after: Row[] = [0, 1, 2].map((minutes) => ['x', at(minutes), 1])
    await runBackfill(rowSource(before, { inputs: async () => 'before' }), to, options)
    const { exitCode } = await runBackfill(rowSource(after, { inputs: async () => 'after' }), to, options)
    expect(exitCode).toBe(0)
    expect(await heldRows(path, min5)).toEqual([[start, 3, 3]])
  })

  it('follow points that have moved out of what was made of their hour', async () => {
    const path = newLake()
    const to = { kind: 'lake', path } as const
    const moved = (minutes: number) => rowSource([['x', at(minutes), 1]], { inputs: async () => `${minutes}` })
    await runBackfill(moved(40), to, { range: between(0, 60) })
    await runBackfill(moved(40), to, { granularities: [full, min5], range: between(30, 60) })
    expect(await heldRows(path, min5)).toHaveLength(1)
    const { exitCode } = await runBackfill(moved(10), to, { range: between(0, 60) })
    expect(exitCode).toBe(0)
    expect(await heldRows(path, min5)).toEqual([])
  })

  it('and points come back where they could not be read again at first, beside hours that are held', async () => {
    const path = newLake()
    const to = { kind: 'lake', path } as const
    await run(path, 1, { granularities: [min5], range: between(0, 30) })
    await run(path, 1, { granularities: [full, min5], range: between(30, 60) })
    for (const file of parquetFiles(join(path, '_retrofill'))) rmSync(file)
    const options = { granularities: [full, min5], range: between(0, 60) }
    const fail = () => new Transient('throttled', 'busy')
    const busy = rowSource(history(1), { inputs: async () => '1', fail })
    expect(await runBackfill(busy, to, options)).toMatchObject({ exitCode: 7, report: { failed: [{}] } })
    expect((await run(path, 1, options)).exitCode).toBe(0)
    expect(await heldRows(path, full)).toHaveLength(12)
  })

  it('and points come back after files are gone, in the lake or in the staging one, once all ranges have run again', async () => {
    const ranges = fc.array(slots, { minLength: 1, maxLength: 3 })
    const levels = fc.subarray([full, min5, min60], { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(ranges, levels, fc.infiniteStream(fc.boolean()), async (cuts, granularities, isGone) => {
        const path = newLake()
        const runAll = async () => {
          const codes: number[] = []
          for (const [a, b] of cuts) {
            const range = between(5 * Math.min(a, b), 5 * Math.max(a, b))
            codes.push((await run(path, 1, { granularities, range })).exitCode)
          }
          return codes
        }
        const held = async () => (await Promise.all([full, min5, min60].map((level) => heldRows(path, level)))).flat()
        await runAll()
        const before = await held()
        for (const file of parquetFiles(path)) if (isGone.next().value) rmSync(file)
        // What is made of hours that a run of another range is to read again waits for it.
        for (const code of await runAll()) expect([0, 7]).toContain(code)
        expect(new Set(await runAll())).toEqual(new Set([0]))
        expect(await held()).toEqual(before)
      }),
      { numRuns: 40 },
    )
  })

  it('go from the staging lake into the lake when they are asked for', async () => {
    const path = newLake()
    const range = between(0, 60)
    await run(path, 1, { granularities: [min60], range })
    expect(await heldRows(path, min5)).toEqual([])
    const { report } = await run(path, 1, { granularities: [min5], range })
    expect(report.stretches).toBe(0)
    expect(await heldRows(path, min5)).toHaveLength(12)
  })
})
