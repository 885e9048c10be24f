import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { hour } from '../../src/time/range.ts'
import { line, metric } from '../archive/support.ts'
import { rawName, writeRaw } from '../support/archives.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { start } from '../support/hand-made.ts'
import { lakeFiles, lakeRows } from '../support/lakes.ts'

const root = temporaryFolder()
const archive = join(root, 'archive')

beforeAll(() => {
  makeArchive({
    directory: archive,
    start,
    files: 90,
    checks: 9,
    delayed: 0.05,
    repeated: 0.05,
    shuffled: 0.3,
    odd: true,
  })
  const bad = line({ timestamp: start }, { m: metric({ valueDbl: 'x' }), n: metric() })
  writeRaw(archive, [{ name: rawName(start + hour + 1), lines: ['{', bad, '\0', line({ tenantId: null }), bad] }])
})

async function rollUp(to: string, ...flags: string[]) {
  const args = ['--from', archive, '--to', to, '--granularity=5m,60m', '--max-rejects=50%', '--quiet', '--output=json']
  const { code, stdout, stderr } = await runCli(['rollup', ...args, ...flags])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const contentOf = (lake: string) => lakeFiles(lake).map((name) => [name, readFileSync(join(lake, name))])

describe('a rollup by either kernel', () => {
  it.each([
    ['--workers=0', '--late=reroll'],
    ['--workers=0', '--late=drop'],
    ['--workers=2', '--late=reroll'],
  ])('has the same rows, account and rejects, with %s %s', async (...flags) => {
    const [fast, general] = ['fast', 'general'].map((kernel) => join(root, [kernel, ...flags].join('')))
    const one = await rollUp(fast, '--kernel=fast', ...flags)
    const other = await rollUp(general, '--kernel=general', ...flags)
    expect(one.report.counts.rejected).toBe(2)
    expect(one.report.counts.late).toBeGreaterThan(0)
    expect(other.report).toEqual(one.report)
    expect(await lakeRows(general)).toEqual(await lakeRows(fast))
    expect(readFileSync(other.rejectsFile)).toEqual(readFileSync(one.rejectsFile))
  })

  it.each([
    ['fast', 'general'],
    ['general', 'fast'],
  ])('leaves nothing to do: made by the %s one, up to date for the %s one', async (first, second) => {
    const lake = join(root, `${first}-first`)
    const { job } = await rollUp(lake, `--kernel=${first}`)
    const content = contentOf(lake)
    const again = await rollUp(lake, `--kernel=${second}`)
    expect(again).toMatchObject({ job, report: { chunks: { made: 0 }, files: { read: 0 } } })
    expect(contentOf(lake)).toEqual(content)
  })
})
