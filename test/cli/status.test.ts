import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { line, metric } from '../archive/support.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, lineAt, nameAt, writeFiles } from '../support/hand-made.ts'
import { rollUp, setUp } from './support.ts'

const root = temporaryFolder()
const text = `${line({}, { s: metric({ metricType: 115 }) })}\n`

async function finished() {
  const setting = setUp(root, {
    [nameAt(1)]: gzip(lineAt(0), lineAt(0), 'bad\n', text),
    [nameAt(2)]: gzip(lineAt(360)).subarray(0, -9),
  })
  await rollUp(setting, ['--granularity=5m,60m', '--max-rejects=1'])
  return setting
}

describe.concurrent('retrofill status', () => {
  it('tells people of each job: files, input by class, levels', async () => {
    const { from, to } = await finished()
    const { code, stdout } = await runCli(['status', to])
    expect(code).toBe(0)
    const hour = '2014-02-14T14:00:00Z/2014-02-14T15:00:00Z'
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^job [0-9a-f]{12} of /),
      'files  2 scanned, 1 broken',
      'input  5 lines, 1 lines with rejects, 4 metrics, 1 not numeric, 0 out of shard, 0 rejected, 0 late, 0 unresolved',
      `5m     1 chunk done, 0 stale, 0 failed; 2 rows of 2 points, 1 duplicate; ${hour}`,
      `60m    1 chunk done, 0 stale, 0 failed; 1 row of 2 points, 0 duplicates; ${hour}`,
      '',
    ])
    expect(stdout).toContain(` of ${from}\n`)
  })

  it('tells programs the same in JSON', async () => {
    const { from, to } = await finished()
    const { code, stdout } = await runCli(['status', to, '--output', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([
      {
        source: from,
        files: { scanned: 2, broken: 1 },
        counts: { lines: 5, rejectedLines: 1, metrics: 4, notNumeric: 1, outOfShard: 0, rejected: 0, late: 0 },
        levels: [
          { granularity: '5m', chunks: 1, failed: 0, rows: 2, points: 2, duplicates: 1 },
          { granularity: '60m', chunks: 1, failed: 0, rows: 1, points: 2, duplicates: 0 },
        ],
        stale: 0,
      },
    ])
  })

  it('tells every job of a lake', async () => {
    const { from, to } = await finished()
    const other = setUp(root, { [nameAt(1)]: gzip(lineAt(0, 1, { tenantId: 'other' })) })
    await rollUp({ from: other.from, to })
    const { stdout } = await runCli(['status', to, '--output', 'json'])
    expect(
      JSON.parse(stdout)
        .map(({ source }: { source: string }) => source)
        .sort(),
    ).toEqual([from, other.from].sort())
  })

  it('tells of backfills into a lake and into a metrics file, and of generators', async () => {
    const folder = mkdtempSync(join(root, 'query-'))
    const [lake, file, design] = ['lake', 'm.json.gz', 'design.yaml'].map((name) => join(folder, name))
    const stdin = '{"series":"cpu","time":"2026-01-01T00:00:00Z","value":1}'
    await runCli(['backfill', '--from=-', '--to', lake], { stdin })
    await runCli(['backfill', '--from', lake, '--to', file])
    const times = 'start_time: "2026-01-02T00:00:00Z", end_time: "2026-01-02T01:00:00Z"'
    writeFileSync(design, `metadata: { m: { ${times}, frequency: 10m, values: 1 } }`)
    await runCli(['generate-data', '-i', design, '--to', lake, '--seed=1'])
    const statusOf = async (place: string) => JSON.parse((await runCli(['status', place, '--output=json'])).stdout)
    const jobs = await statusOf(lake)
    expect(jobs).toHaveLength(2)
    expect(jobs).toContainEqual(
      expect.objectContaining({ source: 'ndjson', levels: [expect.objectContaining({ chunks: 1, points: 1 })] }),
    )
    expect(jobs).toContainEqual(
      expect.objectContaining({ levels: [expect.objectContaining({ granularity: 'full', chunks: 1, points: 6 })] }),
    )
    const level = expect.objectContaining({ granularity: 'full', chunks: 1, failed: 0, points: 1, rows: 1 })
    expect(await statusOf(file)).toEqual([expect.objectContaining({ source: lake, store: file, levels: [level] })])
    expect(await statusOf(`${file}.retrofill`)).toEqual(await statusOf(file))
    expect(await runCli(['status', folder])).toMatchObject({ code: 0, stdout: expect.stringContaining('of ndjson') })
    expect(await runCli(['status', join(folder, 'none')])).toMatchObject({ code: 2 })
    const unfed = join(folder, 'unfed.json.gz')
    expect(await runCli(['status', unfed])).toMatchObject({
      code: 2,
      stderr: `error: no job feeds ${unfed}: ${unfed}.retrofill holds no state\n  name what backfill wrote to\n`,
    })
  })

  it('names the description of a job that is damaged', async () => {
    const { to } = await finished()
    const [job] = readdirSync(join(to, '_retrofill')).filter((name) => !name.includes('.'))
    const file = join(to, '_retrofill', job, 'job.json')
    writeFileSync(file, readFileSync(file).subarray(0, 20))
    const { code, stderr } = await runCli(['status', to])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: damaged state: .*job\.json is no JSON\n {2}remove it .*\n$/),
    })
  })

  it('tells which chunk could not be made', async () => {
    const setting = setUp(root, { [nameAt(1)]: gzip(lineAt(0), lineAt(1)) })
    await rollUp(setting)
    writeFiles(setting.from, { [nameAt(1)]: gzip(lineAt(0)) })
    expect((await rollUp(setting)).code).toBe(7)
    const { stdout } = await runCli(['status', setting.to])
    expect(stdout).toContain('1 chunk done, 1 stale, 1 failed; 1 row of 2 points')
  })
})
