import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Counts, classes } from '../../src/backfill/counts.ts'
import type { RunSummary } from '../../src/backfill/report.ts'
import { min5, min20, min60 } from '../../src/time/granularity.ts'
import { formatTime, type Range } from '../../src/time/range.ts'
import { type RawFile, writeRaw } from '../support/archives.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeRows } from '../support/lakes.ts'
import { type RollupCase, rollUp } from '../support/rollups.ts'
import { cuts, filesOf, type History, history, parts, whole } from './histories.ts'
import { bruteForce, differences, readTable } from './twin.ts'

const root = temporaryFolder()
const torture = process.env.TORTURE !== undefined
const limit = torture ? 3_600_000 : 120_000
const granularities = [min5, min20, min60]
let folders = 0
const newFolder = () => join(root, String(folders++))

/** Runs one rollup, in some way. */
type Roll = (options: RollupCase & { range: Range }) => Promise<RunSummary>

const inProcess: Roll = (options) => rollUp({ granularities, ...options, workers: 0 })

const command: Roll = async ({ from, to, range, late, workers = 0, batchSize = 1, bufferedSlots = 3 }) => {
  const { code, stdout, stderr } = await runCli([
    ...['rollup', '--from', from, '--to', to, '--quiet', '--allow-empty', '--output=json'],
    ...['--granularity', '5m,20m,60m', `--late=${late?.kind ?? 'reroll'}`, `--buffered-slots=${bufferedSlots}`],
    ...[`--workers=${workers}`, `--batch-size=${batchSize}`],
    ...[`--start-time=${formatTime(range.start)}`, `--end-time=${formatTime(range.end)}`],
  ])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const machinery = fc.record({
  workers: fc.constantFrom(0, 1, 2),
  batchSize: fc.constantFrom(1, 2, 5),
  bufferedSlots: fc.constantFrom(1, 3),
})

/** Which files have come before each run, and which parts of the range it is about; at last all is there and all is asked for. */
const anyPlan = fc.record({
  machinery,
  cuts,
  arrivals: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 20 }),
  early: fc.array(
    parts.map((ranges) => ranges.slice(0, 1)),
    { maxLength: 2 },
  ),
  final: parts,
})

type Plan = typeof anyPlan extends fc.Arbitrary<infer T> ? T : never

/** Checks a law. Cases are large and slow: what fails is reported as it is, to be shrunk by hand with its seed and path. */
const check = (numRuns: number, law: (lines: History, plan: Plan) => Promise<void>) =>
  fc.assert(fc.asyncProperty(history, anyPlan, law), { numRuns, endOnFailure: true })

/** Runs a plan, and tells the rows that it ends with. */
async function carryOut(roll: Roll, files: readonly RawFile[], { machinery: how, arrivals, early, final }: Plan) {
  const [from, to] = [newFolder(), newFolder()]
  const step = (i: number) => arrivals[i % arrivals.length]
  for (const [i, ranges] of [...early, final].entries()) {
    const isLast = i === early.length
    writeRaw(
      from,
      files.filter((_, f) => (isLast ? step(f) >= i : step(f) === i)),
    )
    for (const range of ranges) expectAccount(await roll({ ...how, from, to, range }))
  }
  return lakeRows(to)
}

function expectAccount({ report }: RunSummary): void {
  for (const counts of [report.counts, report.again]) {
    const sum = classes.reduce((total, name: keyof Counts) => total + counts[name], 0)
    expect(sum, JSON.stringify(counts)).toBe(counts.metrics)
    expect(Math.min(...Object.values(counts))).toBeGreaterThanOrEqual(0)
  }
}

describe('with --late reroll', () => {
  const law = (roll: Roll, numRuns: number) =>
    check(numRuns, async (lines, plan) => {
      const [from, to] = [newFolder(), newFolder()]
      writeRaw(from, filesOf(lines))
      expectAccount(await inProcess({ from, to, range: whole }))
      expect(await carryOut(roll, filesOf(lines, plan.cuts), plan)).toEqual(await lakeRows(to))
    })

  it(
    'neither arrival orders nor parts of the range nor cuts of the lines into files change a bit of the rows',
    () => law(inProcess, torture ? 1_000 : 15),
    limit,
  )

  it('nor do they where the command runs, with any number of workers', () => law(command, torture ? 60 : 4), limit)

  it(
    'rows of every level are what all points of their slots give',
    () =>
      check(torture ? 500 : 10, async (lines, plan) => {
        const [from, to] = [newFolder(), newFolder()]
        writeRaw(from, filesOf(lines, plan.cuts))
        for (const range of plan.final) await inProcess({ from, to, range })
        for (const granularity of granularities) {
          const expected = await bruteForce(from, granularity, whole)
          expect(differences(await readTable(to, granularity), expected)).toEqual([])
        }
      }),
    limit,
  )
})

describe('with --late drop', () => {
  const late = { kind: 'drop' } as const
  const law = (roll: Roll, numRuns: number) =>
    check(numRuns, async (lines, { cuts, machinery: { workers, batchSize, bufferedSlots } }) => {
      const [from, cut, to, other] = [newFolder(), newFolder(), newFolder(), newFolder()]
      writeRaw(from, filesOf(lines))
      writeRaw(cut, filesOf(lines, cuts))
      const options = { late, bufferedSlots, range: whole }
      const summary = await inProcess({ ...options, from, to })
      const again = await roll({ ...options, workers, batchSize, from: cut, to: other })
      for (const run of [summary, again]) expectAccount(run)
      expect(again.report.counts).toEqual(summary.report.counts)
      expect(await lakeRows(other)).toEqual(await lakeRows(to))
    })

  it(
    'cuts of the lines into files change neither the rows nor the account',
    () => law(inProcess, torture ? 500 : 10),
    limit,
  )

  it('nor does any number of workers', () => law(command, torture ? 60 : 3), limit)
})
