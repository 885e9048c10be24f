import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import type { LakeVerification } from '../../src/backfill/context.ts'
import { ExitCode } from '../../src/util/errors.ts'
import { type FileSystem, nodeFiles } from '../../src/util/files.ts'
import { partsOf } from '../../src/util/parts.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, lakeRows } from '../support/lakes.ts'
import { rollUp } from '../support/rollups.ts'

const root = temporaryFolder()
const from = join(root, 'archive')
const good = join(root, 'good')
let lakes = 0
const newLake = () => join(root, `lake-${lakes++}`)

beforeAll(async () => {
  makeArchive({ directory: from, files: 3, checks: 2 })
  await rollUp({ from, to: good })
})

/** Does something to a lake's file as soon as it stands where it belongs. */
const spoiling = (spoil: (path: string) => void): FileSystem => ({
  ...nodeFiles,
  async rename(source, path) {
    await nodeFiles.rename(source, path)
    if (path.endsWith('.parquet')) spoil(path)
  },
})

/** The same, but our own reader sees the file as it was before. */
function spoilingUnseen(spoil: (path: string) => void): FileSystem {
  const before = new Map<string, Buffer>()
  const spoiled = spoiling((path) => {
    before.set(path, readFileSync(path))
    spoil(path)
  })
  return {
    ...spoiled,
    read: async (path) => before.get(path) ?? nodeFiles.read(path),
    async readParts(path, work) {
      const bytes = before.get(path)
      return bytes ? work(partsOf(bytes)) : nodeFiles.readParts(path, work)
    },
  }
}

const flip = (at: number) => (path: string) => {
  const bytes = readFileSync(path)
  bytes[Math.floor(at * bytes.length)] ^= 4
  writeFileSync(path, bytes)
}

async function findingOf(verify: LakeVerification, files: FileSystem) {
  const { exitCode, report } = await rollUp({ from, to: newLake(), verify }, { files })
  return { exitCode, reasons: report.mismatched.map(({ reason }) => reason) }
}

describe('rows that are read back', () => {
  it.each(['full', 'checksum', 'sample'] as const)(
    'are found to differ after a flip of a bit by %s',
    async (verify) => {
      const to = newLake()
      const spoiled = await rollUp({ from, to, verify }, { files: spoiling(flip(0.5)) })
      expect(spoiled.exitCode).toBe(ExitCode.mismatch)
      expect(spoiled.report.mismatched).toMatchObject([
        { granularity: '5m', reason: expect.stringMatching(/^damaged lake/) },
      ])
      rmSync(join(to, lakeFiles(to)[0]))
      expect((await rollUp({ from, to, verify })).exitCode).toBe(ExitCode.ok)
      expect(await lakeRows(to)).toEqual(await lakeRows(good))
    },
  )

  it('are found to differ wherever the bit is', async () => {
    const places = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        expect((await findingOf('checksum', spoiling(flip(at)))).exitCode).toBe(ExitCode.mismatch)
      }),
      { numRuns: 25, examples: [[0], [1 - 2 ** -53]] },
    )
  })

  it('are not looked at by none', async () => {
    expect(await findingOf('none', spoiling(flip(0.5)))).toEqual({ exitCode: ExitCode.ok, reasons: [] })
  })

  it('are read by DuckDB as well by full, and only by full', async () => {
    const cut = (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 100))
    const { exitCode, reasons } = await findingOf('full', spoilingUnseen(cut))
    expect(exitCode).toBe(ExitCode.mismatch)
    expect(reasons).toEqual([expect.stringMatching(/^DuckDB cannot read .*\.parquet: /)])
    expect((await findingOf('checksum', spoilingUnseen(cut))).exitCode).toBe(ExitCode.ok)
  })

  it('are compared with those that DuckDB reads', async () => {
    const others = join(root, 'others')
    makeArchive({ directory: join(root, 'other-archive'), seed: 2, files: 3, checks: 2 })
    await rollUp({ from: join(root, 'other-archive'), to: others })
    const swap = (path: string) => copyFileSync(join(others, lakeFiles(others)[0]), path)
    const { exitCode, reasons } = await findingOf('full', spoilingUnseen(swap))
    expect(exitCode).toBe(ExitCode.mismatch)
    expect(reasons).toEqual([expect.stringMatching(/^DuckDB reads other rows from .*\.parquet than those/)])
  })
})

describe('retrofill rollup --verify', () => {
  const report = async (verify: string) => {
    const { code, stdout } = await runCli([
      'rollup',
      '--from',
      from,
      '--to',
      newLake(),
      '--quiet',
      `--verify=${verify}`,
    ])
    expect(code).toBe(0)
    return /^rows .*$/m.exec(stdout)?.[0]
  }

  it('says who has read the rows back', async () => {
    expect(await report('checksum')).toMatch(/, \d+ read back from disk and found equal$/)
    expect(await report('full')).toMatch(/, \d+ read back from disk, by DuckDB too, and found equal$/)
    expect(await report('none')).toMatch(/, not read back$/)
  })
})
