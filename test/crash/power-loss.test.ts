import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/backfill/ledger.ts'
import { within } from '../../src/metric/arrange.ts'
import { pointsOf } from '../../src/metric/sequence.ts'
import { checksum } from '../../src/store/lake/checksum.ts'
import { fileOf } from '../../src/store/lake/layout.ts'
import { decodeRows } from '../../src/store/lake/table.ts'
import { min5, min60 } from '../../src/time/granularity.ts'
import { hour, minute } from '../../src/time/range.ts'
import type { FileSystem } from '../../src/util/files.ts'
import { line, metric } from '../archive/support.ts'
import { type RawFile, rawName, writeRaw } from '../support/archives.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type ForgetfulFiles, forgetfulFiles, PowerLoss, type Survival, survivals } from '../support/power-loss.ts'
import { type RollupCase, rollUp } from '../support/rollups.ts'

const root = temporaryFolder()
const torture = process.env.TORTURE !== undefined
const from = join(root, 'archive')
// The lock lies on the machine's own disk; everything else that a run writes lies in the double.
const to = join(root, 'lake')
const start = Date.UTC(2014, 1, 14, 14)
const range = { start, end: start + 2 * hour }

/** Minutes of the range at which files come, and how late their points are: the last one feeds an hour that has closed by then. */
const arrivals = [
  [10, 0],
  [50, 0],
  [65, 10],
  [70, 0],
  [80, 0],
  [90, 80],
] as const

const archive: readonly RawFile[] = arrivals.map(([at, late]) => {
  const report = (timestamp: number, valueDbl: number) => line({ timestamp }, { m: metric({ valueDbl }) })
  const time = start + at * minute
  return { name: rawName(time), lines: [report(time - 1, at), report(time - late * minute, late), 'no JSON'] }
})

/** Lets the archive be just these files. */
function putArchive(files: readonly RawFile[]): void {
  rmSync(from, { recursive: true, force: true })
  writeRaw(from, files)
}

beforeAll(() => mkdirSync(join(to, '_retrofill'), { recursive: true }))

const run = (files: FileSystem, more: Partial<RollupCase> = {}) =>
  rollUp({ from, to, range, granularities: [min5, min60], budget: { share: 1 }, ...more }, { files })

/** A digest of every data file; what a crash may have left in the staging lake is of no concern. */
async function contents(files: ForgetfulFiles): Promise<Record<string, string>> {
  const paths = files.paths().filter((path) => path.endsWith('.parquet') && !path.includes('/staging/'))
  const digests = paths.sort().map(async (path) => {
    const bytes = (await files.read(path)) ?? new Uint8Array()
    return [path, await checksum(await decodeRows(bytes, path))] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}

/** Spans of which the lake holds less than the ledger says. */
async function falsePromises(files: ForgetfulFiles): Promise<string[]> {
  const found: string[] = []
  for (const path of files.paths().filter((name) => name.endsWith('/ledger.ndjson'))) {
    const ledger = await openLedger(files, path, 'read')
    const job = dirname(path).split('/').at(-1) ?? ''
    for (const granularity of ledger.granularities()) {
      for (const span of ledger.done(granularity, { start: range.start, end: range.start + 24 * hour })) {
        const file = join(to, fileOf(granularity, span, job))
        const bytes = await files.read(file)
        const rows = bytes && within(await decodeRows(bytes, file), span)
        if (span.points > (rows ? pointsOf(rows) : 0)) found.push(`${granularity.name} ${span.start}`)
      }
    }
  }
  return found
}

interface Trial {
  /** What there is before; the power is on. */
  readonly before: ForgetfulFiles
  /** What is done while the power may go at any step, and done again once it is back. */
  act(files: ForgetfulFiles): Promise<unknown>
  readonly survival: Survival
  /** Looks at what is there when the power comes back. */
  inspect?(files: ForgetfulFiles): Promise<string[]>
  readonly isMain?: boolean
}

/** Every step; where time is short, every step with just one way of losing things, other than in the trial that `isMain`. */
const stepsOf = ({ steps }: ForgetfulFiles, { survival, isMain }: Trial): number[] =>
  Array.from({ length: steps }, (_, step) => step).filter(
    (step) => torture || (isMain && survival === 'nothing') || step % survivals.length === survivals.indexOf(survival),
  )

/** Lets the power go at steps; tells what was wrong, and at how many steps it went. */
async function losePower(trial: Trial) {
  const { before, act, survival, inspect } = trial
  const undisturbed = before.restored('everything')
  await act(undisturbed)
  const expected = JSON.stringify(await contents(undisturbed))
  const complaints: string[] = []
  for (const step of stepsOf(undisturbed, trial)) {
    const files = before.restored('everything')
    files.loseAt(step)
    await expect(act(files)).rejects.toThrow(PowerLoss)
    const back = files.restored(survival)
    for (const complaint of (await inspect?.(back)) ?? []) complaints.push(`step ${step}: ${complaint}`)
    await act(back)
    if (JSON.stringify(await contents(back)) !== expected) complaints.push(`step ${step}: other rows`)
    const left = back.paths().filter((path) => /\.tmp$|\/tmp\/./.test(path.slice(to.length)))
    if (left.length > 0) complaints.push(`step ${step}: left ${left}`)
  }
  return { complaints, steps: undisturbed.steps }
}

const limit = torture ? 3_600_000 : 120_000

describe.each(survivals)('where a loss of power at any step leaves %s of what was not synced', (survival) => {
  it(
    'a first run promises nothing that is not durable, and the next one comes to the same rows',
    async () => {
      putArchive(archive)
      const before = forgetfulFiles(to)
      const { complaints, steps } = await losePower({
        before,
        act: run,
        survival,
        inspect: falsePromises,
        isMain: true,
      })
      expect(complaints.slice(0, 3)).toEqual([])
      expect(steps).toBeGreaterThan(50)
    },
    limit,
  )

  it(
    'chunks are made again with the same rows where a late file has come',
    async () => {
      const before = forgetfulFiles(to)
      putArchive(archive.slice(0, -1))
      await run(before)
      putArchive(archive)
      expect((await losePower({ before, act: run, survival })).complaints.slice(0, 3)).toEqual([])
    },
    limit,
  )

  it(
    'rollups are published from the staging lake with the same rows',
    async () => {
      const before = forgetfulFiles(to)
      putArchive(archive)
      await run(before, { granularities: [min60] })
      expect((await losePower({ before, act: run, survival })).complaints.slice(0, 3)).toEqual([])
    },
    limit,
  )

  it(
    'rows that were to go are gone',
    async () => {
      const before = forgetfulFiles(to)
      putArchive(archive.slice(0, 2))
      await run(before)
      putArchive(archive.slice(0, 2).map(({ name }) => ({ name, lines: [] })))
      const act = (files: FileSystem) => run(files, { allowShrink: true })
      expect((await losePower({ before, act, survival })).complaints.slice(0, 3)).toEqual([])
    },
    limit,
  )
})

it(
  'a run that records chunks before they are durable is found out',
  async () => {
    putArchive(archive)
    const act = (files: FileSystem) => run(ledgerFirst(files), { verify: 'none' })
    const trial = { before: forgetfulFiles(to), act, survival: 'nothing', inspect: falsePromises } as const
    expect((await losePower(trial)).complaints).not.toEqual([])
  },
  limit,
)

/** Puts off what makes rows appear until the ledger has spoken of them. */
function ledgerFirst(files: FileSystem): FileSystem {
  const late: (() => Promise<void>)[] = []
  return {
    ...files,
    async rename(...paths) {
      if (paths[1].endsWith('.parquet')) late.push(() => files.rename(...paths))
      else await files.rename(...paths)
    },
    async syncDirectory(path) {
      if (late.length > 0) late.push(() => files.syncDirectory(path))
      else await files.syncDirectory(path)
    },
    async open(path, mode) {
      const file = await files.open(path, mode)
      if (!path.endsWith('/ledger.ndjson')) return file
      const sync = async () => {
        await file.sync()
        for (const act of late.splice(0)) await act()
      }
      return { ...file, sync }
    },
  }
}
