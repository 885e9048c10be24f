import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { line, metric } from '../archive/support.ts'
import { main, runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, nameAt, start } from '../support/hand-made.ts'
import { lakeFiles } from '../support/lakes.ts'
import { rollUp, setUp } from './support.ts'

const root = temporaryFolder()
const odd = 'a,"b"'
const metrics = {
  int: metric({ metricType: 108, valueI64: '9007199254740993' }),
  third: metric({ valueDbl: 1 / 3 }),
  [odd]: metric({ valueDbl: 2 }),
  nan: metric({ valueDbl: 'NaN' }),
}
const lineAt = (minutes: number, values: object) => `${line({ timestamp: start + minutes * 60_000 }, values)}\n`
const seriesOf = (name: string) => `t.rackspace.monitoring.entities.en.checks.agent.cpu.ch.${name}`

let lake: string
beforeAll(async () => {
  const setting = setUp(root, { [nameAt(1)]: gzip(lineAt(0, metrics), lineAt(7, { third: metrics.third })) })
  await rollUp(setting, ['--granularity=5m,60m'])
  lake = setting.to
})

const read = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(['read', lake, ...args])
  return { code, lines: stdout.split('\n').slice(0, -1), stderr }
}

describe.concurrent('retrofill read', () => {
  const time = '2014-02-14T14:00:00Z'

  it('prints a table for people: six digits of fractions, integers whole', async () => {
    const { code, lines } = await read()
    expect(code).toBe(0)
    expect(lines[0]).toBe('series  time  count  sum  mean  variance  min  max')
    expect(lines).toContain(`${seriesOf('third')}  ${time}  1  0.333333  0.333333  0  0.333333  0.333333`)
    expect(lines.find((text) => text.startsWith(seriesOf('int')))).toMatch(/ {2}9007199254740993 {2}9007199254740993$/)
    expect(lines).toHaveLength(1 + 5)
  })

  it('prints CSV with every digit, quoted where it must be', async () => {
    const { code, lines } = await read('--output', 'csv')
    expect(code).toBe(0)
    expect(lines).toEqual([
      'series,time,count,sum,mean,variance,min,max',
      `"t.rackspace.monitoring.entities.en.checks.agent.cpu.ch.a\\,""b""",${time},1,2,2,0,2,2`,
      `${seriesOf('int')},${time},1,9007199254740992,9007199254740992,0,9007199254740993,9007199254740993`,
      `${seriesOf('nan')},${time},1,NaN,NaN,NaN,NaN,NaN`,
      ...['14:00', '14:05'].map(
        (at) =>
          `${seriesOf('third')},2014-02-14T${at}:00Z,1,0.3333333333333333,0.3333333333333333,0,0.3333333333333333,0.3333333333333333`,
      ),
    ])
  })

  it('prints a JSON object a line: integers exactly, NaN as text', async () => {
    const { lines } = await read('--output', 'ndjson')
    expect(lines.map((text) => JSON.parse(text).series)).toEqual(
      [`a\\,"b"`, 'int', 'nan', 'third', 'third'].map(seriesOf),
    )
    expect(lines[1]).toContain('"count":1,"sum":9007199254740992,')
    expect(lines[1]).toContain('"min":9007199254740993,"max":9007199254740993}')
    expect(JSON.parse(lines[2])).toMatchObject({ time, sum: 'NaN', max: 'NaN' })
    expect(JSON.parse(lines[3])).toMatchObject({ sum: 1 / 3, variance: 0 })
  })

  it('reads the level that is asked for', async () => {
    const { lines } = await read('--granularity=60m', '--series=*.third', '--output=ndjson')
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([{ time, count: 2, sum: 2 / 3 }])
  })

  it.each([
    ['all that end alike', '*.n?n', 1],
    ['one by its full name', seriesOf('third'), 2],
    ['none', 'x*', 0],
  ])('selects series by a glob: %s', async (_, glob, count) => {
    const { code, lines } = await read('--series', glob, '--output=ndjson')
    expect({ code, rows: lines.length }).toEqual({ code: count > 0 ? 0 : 5, rows: count })
  })

  it('takes a range half-open, and either end alone', async () => {
    const rows = async (...args: string[]) => (await read('--output=ndjson', ...args)).lines.length
    expect(await rows(`--start-time=${time}`, '--end-time=2014-02-14T14:05:00Z')).toBe(4)
    expect(await rows('--start-time=2014-02-14T14:05:00Z')).toBe(1)
    expect(await rows(`--end-time=${time}`)).toBe(0)
    expect(await rows('--start-time=2014-02-14T15:00', '--timezone=Europe/Berlin')).toBe(5)
  })

  it('ends with 5 and a word where there are no rows', async () => {
    expect(await read('--granularity=20m')).toEqual({
      code: 5,
      lines: [],
      stderr: `no rows of 20m in ${lake} for these series and times\n`,
    })
  })

  it('ends with 2 where the range is empty, the level unknown or the lake not there', async () => {
    expect(await read('--start-time=2014-02-15', '--end-time=2014-02-14')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('empty range'),
    })
    expect(await read('--start-time=')).toMatchObject({
      code: 2,
      stderr: 'error: --start-time has an empty value\n  give it one, or leave it out\n',
    })
    expect(await read('--granularity=hourly')).toMatchObject({ code: 2 })
    const { code, stderr } = await runCli(['read', join(root, 'nowhere')])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: not a lake: .*nowhere\n/) })
  })

  it('prints the points of a metrics file, whatever its name', async () => {
    const file = join(root, 'metrics.json')
    writeFileSync(file, '{"app_metrics": {"cpu": [["2017-12-01T08:00:00+00:00", 1.5]]}}')
    expect(await runCli(['read', file, '--output=csv'])).toMatchObject({
      code: 0,
      stdout: 'series,time,value\ncpu|@type=app_metrics,2017-12-01T08:00:00Z,1.5\n',
    })
  })

  it('prints the points of a lake that holds nothing else, minus zero with its sign', async () => {
    const to = join(root, 'points')
    const stdin = '{"series":"cpu","time":"2026-01-01T00:00:00Z","value":-0.0}'
    await runCli(['backfill', '--from=-', '--to', to], { stdin })
    expect(await runCli(['read', to, '--output=csv'])).toMatchObject({
      code: 0,
      stdout: 'series,time,value\ncpu,2026-01-01T00:00:00Z,-0\n',
    })
  })

  it('names the file that is damaged', async () => {
    const setting = setUp(root, { [nameAt(1)]: gzip(lineAt(0, metrics)) })
    await rollUp(setting)
    const [file] = lakeFiles(setting.to).map((name) => join(setting.to, name))
    const content = readFileSync(file)
    for (const [end, wrong] of [
      [content.length - 20, 'it has no magic number'],
      [0, 'there are no bytes'],
    ] as const) {
      writeFileSync(file, content.subarray(0, end))
      const { code, stderr } = await runCli(['read', setting.to])
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`damaged lake file: ${file}: `) })
      expect(stderr).toContain(wrong)
      expect(stderr).toContain('\n  remove the file and run')
    }
  })

  it('tells in one line that its output cannot be written, and ends with 1', async () => {
    for (const args of [['read', lake], ['status', lake], ['--help']]) {
      const ended = promisify(execFile)('sh', ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, main, ...args])
      await expect(ended).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^error: cannot write to standard output: ENOSPC: [^\n]+\n$/),
      })
    }
  })

  it('ends quietly with 0 where nobody reads on', async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`metric${i}`, metrics.third]))
    const setting = setUp(root, { [nameAt(1)]: gzip(lineAt(0, many)) })
    await rollUp(setting)
    const script = 'set -o pipefail; "$0" "$@" | head -1'
    const { stdout, stderr } = await promisify(execFile)('bash', [
      '-c',
      script,
      process.execPath,
      main,
      'read',
      setting.to,
    ])
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^series {2}time .*\n$/), stderr: '' })
  })
})
