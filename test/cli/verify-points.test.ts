import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatRange, type Range } from '../../src/time/range.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const folder = mkdtempSync(join(root, 'case-'))
const [lake, other, file] = ['one', 'two', 'metrics.json.gz'].map((name) => join(folder, name))
const point = (series: string, minutes: number, value: number) =>
  JSON.stringify({ series, time: Date.UTC(2026, 0, 1) + minutes * 60_000, value })
const all = [0, 1, 2, 5, 6].flatMap((i) => [point('cpu|host=a', i, i / 3), point('mem', i, -i)])

beforeAll(async () => {
  const put = (to: string, lines: readonly string[]) =>
    runCli(['backfill', '--from', '-', '--to', to, '--quiet'], { stdin: lines.join('\n') })
  await put(lake, all)
  await put(other, [...all.slice(0, -1), point('mem', 6, -6.5)])
  await runCli(['backfill', '--from', lake, '--to', file, '--quiet'])
})

describe.concurrent('retrofill verify, of points', () => {
  it('finds a copy equal, whoever made it', async () => {
    const { code, stdout } = await runCli(['verify', '--from', lake, '--to', file])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '2 of 2 series are the same, 10 points read\n' })
  })

  it('names the series that differ, with what tells them apart, and ends with 4', async () => {
    const { code, stdout } = await runCli(['verify', '--from', lake, '--to', other])
    expect(code).toBe(4)
    expect(stdout).toMatch(
      /^different {2}mem\n {2}from {2}5 points, sum -14, min -6, .*\n {2}to {4}5 points, sum -14.5, min -6.5/,
    )
    const times = ['--start-time=2026-01-01', '--end-time=2026-01-01T00:06Z']
    expect(await runCli(['verify', '--from', lake, '--to', other, ...times])).toMatchObject({ code: 0 })
  })

  it('compares what stands on standard input, shaped as a backfill shapes it', async () => {
    const args = ['verify', '--from', '-', '--to', lake, '--metric', 'memory=mem', '--map', 'x / 2']
    const stdin = [0, 1, 2, 5, 6].map((i) => point('memory', i, -i * 2)).join('\n')
    const twice = `${point('memory', 6, 5)}\n${stdin}\n${point('other', 0, 1)}`
    expect(await runCli(args, { stdin: twice })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 of 1 series/),
    })
    const { code, stdout } = await runCli(args, { stdin: `${stdin}\n${point('memory', 6, 5)}` })
    expect({ code, stdout }).toMatchObject({ code: 4, stdout: expect.stringContaining('different  mem\n') })
    expect(stdout).toContain('in 1 chunk, the first 2026-01-01T00:00:00Z/2026-01-01T01:00:00Z')
  })

  it('names the line of standard input that is no point', async () => {
    const stdin = `${point('cpu', 0, 1)}\n${point('cpu', 0.5 / 60_000, 1)}`
    expect(await runCli(['verify', '--from', '-', '--to', lake], { stdin })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `error: line 2 of standard input: invalid time: expected whole milliseconds, got 1767225600000.5\n  round it; seconds must be multiplied by 1000 first\n`,
    })
  })

  it('refuses what is no source or no store', async () => {
    expect(await runCli(['verify', '--from', 'signalfx', '--to', join(folder, 'none')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no store at'),
    })
    expect(await runCli(['verify', '--from', 'signalfux', '--to', lake])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown source: signalfux'),
    })
  })

  it('ends with 5 where neither side has points', async () => {
    const times = ['--start-time=2025-01-01', '--end-time=2025-01-02']
    expect(await runCli(['verify', '--from', lake, '--to', file, ...times])).toMatchObject({ code: 5 })
  })
})

describe.concurrent('retrofill gaps', () => {
  it('lists the holes of every series and ends with 3', async () => {
    const { code, stdout } = await runCli(['gaps', file])
    expect(code).toBe(3)
    expect(stdout).toBe(
      [
        'cpu|host=a  (5 points, one every 60 s)',
        '  2026-01-01T00:03:00Z/2026-01-01T00:05:00Z',
        'mem  (5 points, one every 60 s)',
        '  2026-01-01T00:03:00Z/2026-01-01T00:05:00Z',
        '2 of 2 series have holes\n',
      ].join('\n'),
    )
  })

  it('takes the distance of points, a glob and a range', async () => {
    expect(await runCli(['gaps', lake, '--every', '10m'])).toMatchObject({ code: 0 })
    const args = ['--series=mem', '--start-time=2026-01-01', '--end-time=2026-01-01T00:03Z', '--output=json']
    expect(await runCli(['gaps', lake, ...args])).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(await runCli(['gaps', lake, '--series=none'])).toMatchObject({ code: 5 })
  })

  it('looks for holes from one time on, or up to one', async () => {
    const holesOf = async (...args: string[]) => {
      const { stdout } = await runCli(['gaps', lake, '--series=mem', '--output=json', ...args])
      return JSON.parse(stdout).flatMap(({ holes }: { holes: Range[] }) => holes.map(formatRange))
    }
    const [middle, before] = ['2026-01-01T00:03:00Z/2026-01-01T00:05:00Z', '2025-12-31T23:00:00Z/2026-01-01T00:00:00Z']
    expect(await holesOf('--start-time=2025-12-31T23:00Z')).toEqual([before, middle])
    expect(await holesOf('--start-time=2026-01-01T00:05Z')).toEqual([])
    expect(await holesOf('--end-time=2026-01-01T00:09Z')).toEqual([middle, '2026-01-01T00:07:00Z/2026-01-01T00:09:00Z'])
  })

  it('refuses points that are no time apart', async () => {
    expect(await runCli(['gaps', 'nowhere'])).toMatchObject({
      code: 2,
      stderr: 'error: not a store: nowhere\n  name a lake, a metrics file, cassandra://… or dynamodb://…\n',
    })
    expect(await runCli(['gaps', lake, '--every=0s'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected more than 0, got 0s'),
    })
  })
})
