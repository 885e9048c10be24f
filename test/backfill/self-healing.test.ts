import { cpSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import type { RunSummary } from '../../src/backfill/report.ts'
import { readStatus } from '../../src/backfill/status.ts'
import { min5, min60, min1440 } from '../../src/time/granularity.ts'
import { hour, minute, type Range } from '../../src/time/range.ts'
import { ExitCode } from '../../src/util/errors.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { line, metric } from '../archive/support.ts'
import { rawName, writeRaw } from '../support/archives.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dropState, lakeFiles, lakeRows } from '../support/lakes.ts'
import { rollUp } from '../support/rollups.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 14)
const range: Range = { start, end: start + 4 * hour }
const granularities = [min5, min60]
const archive = join(root, 'archive')
let folders = 0

beforeAll(() => {
  makeArchive({ directory: archive, start, files: 240, checks: 2, delayed: 0.02, repeated: 0.05 })
  // A point that comes long after its hour has closed.
  const late = line({ timestamp: start + 30 * minute }, { m: metric({ valueDbl: 1 }) })
  writeRaw(archive, [{ name: rawName(start + 110 * minute), lines: [late] }])
})

/** A copy of the archive, and a lake for it. */
function newJob(): { from: string; to: string } {
  const from = join(root, `archive-${folders}`)
  cpSync(archive, from, { recursive: true })
  return { from, to: join(root, `lake-${folders++}`) }
}

const fromScratch = async ({ from }: { from: string }) => {
  const to = join(root, `scratch-${folders++}`)
  await rollUp({ from, to, range, granularities })
  return lakeRows(to)
}

const fileAt = (directory: string, index: number): string => join(directory, readdirSync(directory).sort()[index])

/** What a run has made, and what was up to date. */
const chunksOf = ({ report, exitCode }: RunSummary) => ({ ...report.chunks, exitCode })

/** When each file of a lake was last written. */
const writtenAt = (lake: string) => lakeFiles(lake).map((name) => [name, statSync(join(lake, name)).mtimeMs])

describe('a run after another', () => {
  it('makes again only the chunks that a late file feeds, and so comes to the rows of a run from scratch', async () => {
    const job = newJob()
    const late = fileAt(job.from, 130)
    const content = readFileSync(late)
    rmSync(late)
    await rollUp({ ...job, range, granularities })
    const before = new Map(writtenAt(job.to) as [string, number][])
    writeFileSync(late, content)
    const summary = await rollUp({ ...job, range, granularities })
    const changed = writtenAt(job.to).filter(([name, at]) => before.get(String(name)) !== at)
    expect(summary.exitCode).toBe(ExitCode.ok)
    expect(changed.map(([name]) => String(name).replace(/\.\w+\.parquet/, ''))).toEqual([
      '5m/date=2014-02-14/16',
      '60m/date=2014-02-14/day',
    ])
    expect(await lakeRows(job.to)).toEqual(await fromScratch(job))
  })

  it('reads and writes nothing where everything is up to date', async () => {
    const job = newJob()
    await rollUp({ ...job, range, granularities })
    const before = writtenAt(job.to)
    const summary = await rollUp({ ...job, range, granularities })
    expect(chunksOf(summary)).toEqual({ made: 0, madeAgain: 0, empty: 0, upToDate: 5, exitCode: ExitCode.ok })
    expect(summary.report.files.read).toBe(0)
    expect(summary.report.rows).toBe(0)
    expect(writtenAt(job.to)).toEqual(before)
  })

  it('changes nothing where the input files are gone, whether a range is given or not', async () => {
    const job = newJob()
    await rollUp({ ...job, granularities })
    const before = await lakeRows(job.to)
    for (const name of readdirSync(job.from)) rmSync(join(job.from, name))
    for (const times of [{ range }, {}]) {
      const summary = await rollUp({ ...job, ...times, granularities, allowEmpty: false })
      expect(chunksOf(summary)).toMatchObject({ made: 0, madeAgain: 0, empty: 0, exitCode: ExitCode.ok })
      expect(await lakeRows(job.to)).toEqual(before)
    }
  })

  it('makes all again that was in a lake file that is gone, where only a part of it is asked for and chunks may shrink', async () => {
    const job = newJob()
    await rollUp({ ...job, range: { start, end: start + hour } })
    const before = await lakeRows(job.to)
    rmSync(join(job.to, lakeFiles(job.to)[0]))
    const part = { start: start + 15 * minute, end: start + 30 * minute }
    expect(await rollUp({ ...job, range: part, allowShrink: true })).toMatchObject({ exitCode: 0 })
    expect(await lakeRows(job.to)).toEqual(before)
  })

  it('makes again a chunk whose lake file is gone, late points included', async () => {
    const job = newJob()
    await rollUp({ ...job, range, granularities })
    const before = await lakeRows(job.to)
    for (const name of lakeFiles(job.to)) rmSync(join(job.to, name))
    const summary = await rollUp({ ...job, range, granularities })
    expect(summary.exitCode).toBe(ExitCode.ok)
    expect(await lakeRows(job.to)).toEqual(before)
  })

  it.each([
    // What of an hour lies out of range is made again too, unless late points are dropped: then it waits for a run of its range.
    ['reroll', { kind: 'reroll' }, [ExitCode.ok, ExitCode.ok]],
    ['drop', { kind: 'drop' }, [ExitCode.refused, ExitCode.ok]],
  ] as const)(
    'makes again all that two runs have put into files that are gone, late points: %s',
    async (_, late, codes) => {
      const job = { ...newJob(), granularities, late }
      const cut = start + 90 * minute
      const runs: Range[] = [
        { start, end: cut },
        { start: cut, end: range.end },
      ]
      for (const one of runs) await rollUp({ ...job, range: one })
      const before = await lakeRows(job.to)
      for (const name of lakeFiles(job.to).filter((name) => /5m.*15\.|60m/.test(name))) rmSync(join(job.to, name))
      for (const [r, one] of runs.entries()) expect((await rollUp({ ...job, range: one })).exitCode).toBe(codes[r])
      expect(await lakeRows(job.to)).toEqual(before)
    },
  )

  it('comes to the same rows where the state is lost but the rows are there, late points included', async () => {
    const job = newJob()
    await rollUp({ ...job, range, granularities })
    const before = await lakeRows(job.to)
    for (const name of ['ledger.ndjson', 'catalogue.ndjson']) dropState(job.to, name)
    expect((await rollUp({ ...job, range, granularities })).exitCode).toBe(ExitCode.ok)
    expect(await lakeRows(job.to)).toEqual(before)
  })

  it('counts late points of files that a run of another range has read', async () => {
    const job = newJob()
    const middle = start + 2 * hour
    await rollUp({ ...job, range: { start: middle, end: range.end }, granularities })
    await rollUp({ ...job, range: { start, end: middle }, granularities })
    expect(await lakeRows(job.to)).toEqual(await fromScratch(job))
  })

  it('makes again the coarser levels of an earlier run, though they are not asked for now', async () => {
    const job = newJob()
    const late = fileAt(job.from, 130)
    const content = readFileSync(late)
    rmSync(late)
    await rollUp({ ...job, range, granularities })
    writeFileSync(late, content)
    await rollUp({ ...job, range, granularities: [min5] })
    expect(await lakeRows(job.to)).toEqual(await fromScratch(job))
  })
})

describe('a file whose name, size and last bytes stay', () => {
  it('is read again where it is others that have changed', async () => {
    const job = newJob()
    const file = join(job.from, rawName(start + 59 * minute))
    const write = (value: number, seconds: number) => {
      const lines = [value, 3].map((one, i) => `${line({ timestamp: start + i }, { m: metric({ valueDbl: one }) })}\n`)
      writeFileSync(file, Buffer.concat(lines.map((text) => gzipSync(text, { level: 0 }))))
      utimesSync(file, seconds, seconds)
    }
    const options = { ...job, range: { start, end: start + hour }, granularities }
    write(1, 1_000)
    await rollUp(options)
    write(2, 2_000)
    expect((await rollUp(options)).report.files.read).toBeGreaterThan(0)
    const scratch = join(root, `scratch-${folders++}`)
    await rollUp({ ...options, to: scratch })
    expect(await lakeRows(job.to)).toEqual(await lakeRows(scratch))
  })
})

describe('the status of a lake', () => {
  it('has no stale chunks where late points are dropped, though their files are known', async () => {
    const job = newJob()
    const summary = await rollUp({ ...job, range, late: { kind: 'drop' } })
    expect(summary.report.counts.late).toBeGreaterThan(0)
    expect(await readStatus(nodeFiles, job.to)).toMatchObject([
      { stale: 0, counts: { late: summary.report.counts.late } },
    ])
  })

  it('tells a chunk that was never made as failed, not as done', async () => {
    const job = newJob()
    const hourOfIt = { start, end: start + hour }
    await rollUp({ ...job, range: hourOfIt })
    truncate(fileAt(job.from, 10))
    dropState(job.to, 'ledger.ndjson')
    await rollUp({ ...job, range: hourOfIt })
    expect(await readStatus(nodeFiles, job.to)).toMatchObject([{ levels: [{ chunks: 0, failed: 1 }] }])
  })
})

/** Leaves a file its first line. */
function truncate(file: string): void {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n').slice(0, 1)
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`))
}

describe('a run that would shrink a chunk', () => {
  it.each(['with its ledger', 'with a cleared ledger'])(
    'is refused %s, and goes on with --allow-shrink',
    async (how) => {
      const job = newJob()
      await rollUp({ ...job, range, granularities })
      const before = await lakeRows(job.to)
      truncate(fileAt(job.from, 130))
      if (how === 'with a cleared ledger') dropState(job.to, 'ledger.ndjson')
      const refused = await rollUp({ ...job, range, granularities })
      expect(refused.exitCode).toBe(ExitCode.refused)
      expect(refused.report.refused.map((failure) => failure.reason).join()).toMatch(/would shrink from \d+ points/)
      expect(await lakeRows(job.to)).toEqual(before)
      expect((await rollUp({ ...job, range, granularities, allowShrink: true })).exitCode).toBe(ExitCode.ok)
      expect(await lakeRows(job.to)).toEqual(await fromScratch(job))
    },
  )

  it('is refused too where no file has points for the chunk any more', async () => {
    const job = newJob()
    const tenMinutes = { start, end: start + 10 * minute }
    for (const name of readdirSync(job.from).sort().slice(1)) rmSync(join(job.from, name))
    await rollUp({ ...job, range: tenMinutes, granularities })
    writeFileSync(fileAt(job.from, 0), gzipSync('\n'))
    expect((await rollUp({ ...job, range: tenMinutes, granularities })).exitCode).toBe(ExitCode.refused)
    expect(await lakeRows(job.to)).not.toEqual({})
    const summary = await rollUp({ ...job, range: tenMinutes, granularities, allowShrink: true })
    expect(summary.exitCode).toBe(ExitCode.ok)
    expect(await lakeRows(job.to)).toEqual({})
  })
})

describe('a run that cannot read a file again whose points are held', () => {
  const hourOfIt: Range = { start, end: start + hour }
  const nameOfLate = rawName(start + 59 * minute)
  /** More lines than any file of the archive has, for the same hour. */
  const many = Array.from({ length: 400 }, (_, i) =>
    line({ timestamp: start + i * 1_000 }, { m: metric({ valueDbl: i }) }),
  )

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['is cut off', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 40))],
  ])('leaves its hour alone though new points outnumber the lost, where it %s', async (_how, harm) => {
    const job = newJob()
    const options = { ...job, range: hourOfIt, granularities }
    await rollUp(options)
    const before = await lakeRows(job.to)
    const file = fileAt(job.from, 20)
    const content = readFileSync(file)
    harm(file)
    writeRaw(job.from, [{ name: nameOfLate, lines: many }])
    for (let again = 0; again < 2; again++) {
      const { exitCode, report } = await rollUp(options)
      expect(exitCode).toBe(ExitCode.refused)
      expect(report.refused.map(({ reason }) => reason).join()).toMatch(
        /would lose the points of .*json\.gz, which cannot be read any more/,
      )
      expect(await lakeRows(job.to)).toEqual(before)
    }
    writeFileSync(file, content)
    expect((await rollUp(options)).exitCode).toBe(ExitCode.ok)
    const scratch = join(root, `scratch-${folders++}`)
    await rollUp({ ...options, to: scratch })
    expect(await lakeRows(job.to)).toEqual(await lakeRows(scratch))
  })

  it('makes its hour without it where that is allowed, and then only adds to it', async () => {
    const job = newJob()
    const options = { ...job, range: hourOfIt, granularities }
    await rollUp(options)
    rmSync(fileAt(job.from, 20))
    writeRaw(job.from, [{ name: nameOfLate, lines: many }])
    await rollUp({ ...options, allowShrink: true })
    writeRaw(job.from, [{ name: rawName(start + 58 * minute), lines: many.slice(0, 1) }])
    const { exitCode, report } = await rollUp(options)
    expect([exitCode, report.refused]).toEqual([ExitCode.incomplete, []])
  })
})

describe('a coarse slot of which a file of 5m rollups is gone', () => {
  it('is made only once that is there again, or as far as it is where that is allowed', async () => {
    const job = newJob()
    await rollUp({ ...job, range, granularities: [min5] })
    rmSync(join(job.to, lakeFiles(job.to)[0]))
    const last = { ...job, range: { start: range.end - hour, end: range.end }, granularities: [min1440] }
    const whole = { ...last, partialSlots: true }
    const { exitCode, report } = await rollUp(whole)
    expect(exitCode).toBe(ExitCode.refused)
    expect(report.refused.map(({ reason }) => reason)).toEqual([
      'the 5m rollups of 2014-02-14T14:00:00Z/2014-02-14T15:00:00Z are gone: roll these up again first',
    ])
    expect(lakeFiles(job.to).filter((name) => name.startsWith('1440m'))).toEqual([])
    expect((await rollUp({ ...whole, allowShrink: true })).exitCode).toBe(ExitCode.ok)
    expect((await rollUp(whole)).exitCode).toBe(ExitCode.refused)
    expect((await rollUp({ ...job, range, granularities: [min5] })).exitCode).toBe(ExitCode.ok)
    expect((await rollUp(whole)).exitCode).toBe(ExitCode.ok)
    const scratch = join(root, `scratch-${folders++}`)
    await rollUp({ ...whole, to: scratch, range, granularities: [min5, min1440] })
    expect(await lakeRows(job.to)).toEqual(await lakeRows(scratch))
  })
})

describe('a coarse slot that finer rows cover in part', () => {
  it('is made again with them once it was made, though such slots are not asked for now', async () => {
    const job = newJob()
    const options = { ...job, range: { start, end: start + 30 * minute }, granularities }
    await rollUp({ ...options, partialSlots: true })
    const late = line({ timestamp: start + 10 * minute }, { late: metric({ valueDbl: 1 }) })
    writeRaw(job.from, [{ name: rawName(start + 40 * minute), lines: [late] }])
    expect((await rollUp(options)).report.partialSlots).toEqual([])
    const scratch = join(root, `scratch-${folders++}`)
    await rollUp({ ...options, to: scratch, partialSlots: true })
    expect(await lakeRows(job.to)).toEqual(await lakeRows(scratch))
  })
})
