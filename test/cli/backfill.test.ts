import { existsSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const place = () => mkdtempSync(join(root, 'case-'))
const day = ['--start-time=2026-01-01', '--end-time=2026-01-02']
const lines = (...values: readonly (readonly [series: string, time: string, value: number])[]) =>
  values.map(([series, time, value]) => JSON.stringify({ series, time: `2026-01-01T${time}Z`, value })).join('\n')
const some = lines(
  ['cpu|AZ=us-west-2a,inst_type=c3.xlarge', '08:00:00', 2048.5],
  ['cpu|AZ=us-west-2a,inst_type=c3.xlarge', '08:00:00.5', 1024],
  ['mem', '09:00:00', -1.25],
)

const read = async (store: string, ...args: string[]): Promise<unknown[]> => {
  const { stdout } = await runCli(['read', store, '--granularity=full', '--output=ndjson', ...args])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe.concurrent('retrofill backfill', () => {
  it('takes points from standard input into a lake and on into a metrics file, shaped on the way', async () => {
    const [lake, file] = [join(place(), 'lake'), join(place(), 'metrics.json.gz')]
    const first = await runCli(['backfill', '--from', '-', '--to', lake, ...day, '--quiet'], { stdin: some })
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('3 read = 3 written') })
    const shape = [
      '--metric',
      'cpu=fulfilled_capacity|cluster=c',
      '--label',
      '<{inst_type}, {AZ}>',
      '--metric-type',
      'metadata',
    ]
    const second = await runCli(['backfill', '--from', lake, '--to', file, ...day, ...shape, '--map', 'x / 1024'])
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('2 read = 2 written') })
    const series = 'fulfilled_capacity|@key=<c3.xlarge\\, us-west-2a>,@type=metadata,cluster=c'
    expect(await read(file)).toEqual([
      { series, time: '2026-01-01T08:00:00Z', value: 2048.5 / 1024 },
      { series, time: '2026-01-01T08:00:00.500Z', value: 1 },
    ])
  })

  it('rounds what a store cannot hold only where it may, and counts it', async () => {
    const stdin = '{"series":"m","time":"2026-01-01T00:00:00Z","value":9007199254740993}'
    const args = ['backfill', '--from', '-', '--to', join(place(), 'm.json.gz'), ...day]
    expect(await runCli(args, { stdin })).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(
        /1 of 1 points in 2026-01-01T00:00:00Z\/2026-01-01T01:00:00Z cannot be held exactly(.|\n)*--allow-lossy/,
      ),
    })
    expect(await runCli([...args, '--allow-lossy'], { stdin })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('rounded  1 point, as the store holds them'),
    })
  })

  it('says what it would do, and does nothing', async () => {
    const lake = join(place(), 'lake')
    const { code, stdout } = await runCli(['backfill', '--from', '-', '--to', lake, ...day, '--dry-run'], {
      stdin: some,
    })
    expect(code).toBe(0)
    expect(stdout).toContain('to read  2026-01-01T00:00:00Z/2026-01-02T00:00:00Z')
    expect(stdout).toContain('nothing was written')
    expect(existsSync(lake)).toBe(false)
  })

  it('ends with 5 where there are no points, and names metrics that gave none', async () => {
    const args = ['backfill', '--from', '-', '--to', join(place(), 'lake'), ...day, '--metric', 'disk']
    expect(await runCli(args, { stdin: some })).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(/no points at all(.|\n)*metrics without any point \(1\):\n {2}disk/),
    })
    expect(await runCli([...args, '--allow-empty'], { stdin: some })).toMatchObject({ code: 0 })
  })

  it.each([
    [['--from', 'signalfux'], /unknown source: signalfux/],
    [['--from', '-', '-o', 'x=1'], /unknown option of ndjson: x/],
    [['--from', '-', '--metric', '=x'], /invalid --metric/],
    [['--from', '-', '--metric', 'cpu=a', '--metric', 'cpu=b'], /metric cpu is given twice, as a and as b\n/],
    [['--from', '-', '--metric', 'cpu', '--metric', 'cpu=b'], /metric cpu is given twice, as cpu and as b\n/],
    [['--from', '-', '--tag', 'x'], /invalid --tag/],
    [['--from', '-', '--map', 'y+1'], /invalid function: unknown name y/],
    [['--from', '-', '--map', ' '], /invalid function: expected a formula, got nothing/],
    [['--from', '-', '--map', 'pow(x)'], /invalid function: pow cannot take 1 number at position 1/],
    [['--from', '-', '--granularity', '7m'], /invalid granularity|invalid --granularity/],
    [['--from', '-', '--to', 'x.json.gz', '--granularity', '5m'], /x.json.gz holds points, not rollups/],
    [['--from', '-', '--existing', 'keep'], /--existing keep is for databases/],
    [
      ['--from', '-', '--src-metric-names', 'a', 'b', '--dest-metric-names', 'c'],
      /different numbers of source and destination/,
    ],
    [[], /--from is missing/],
  ])('refuses a command line that is wrong: %j', async (args, message) => {
    const to = args.includes('--to') ? [] : ['--to', join(place(), 'lake')]
    const { code, stderr } = await runCli(['backfill', ...args, ...to, ...day], { stdin: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(code).toBe(2)
  })

  it('goes through no thousand years for a time that nobody means, unless a range is named', async () => {
    const to = join(place(), 'lake')
    const odd = `${some}\n{"series":"x","time":1767225600000000,"value":1}\n`
    const { code, stderr } = await runCli(['backfill', '--from', '-', '--to', to], { stdin: odd })
    expect(stderr).toMatch(/points span \d+ years: 2026-01-01T08:00:00Z\/\+057971-.*\n.*--start-time/)
    expect(code).toBe(2)
    const named = ['--start-time', '0001-01-01', '--end-time', '9999-01-01']
    expect(await runCli(['backfill', '--from', '-', '--to', to, ...named], { stdin: odd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/the range spans 1000\d years: 0001-01-01.*\n.*at most 100 years/),
    })
    expect(await runCli(['backfill', '--from', '-', '--to', to, ...day], { stdin: odd })).toMatchObject({ code: 0 })
  })

  it('refuses to put points where they come from, but puts their rollups there', async () => {
    const folder = place()
    const [lake, file] = [join(folder, 'lake'), join(folder, 'm.json.gz')]
    await runCli(['backfill', '--from', '-', '--to', lake, ...day], { stdin: some })
    await runCli(['backfill', '--from', lake, '--to', file, ...day])
    for (const [from, to] of [
      [lake, `${folder}/./lake`],
      [file, file],
    ])
      expect(await runCli(['backfill', '--from', from, '--to', to, ...day, '--map', 'x * 2'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`--from and --to are the same place: ${to}`),
      })
    const rollUp = ['backfill', '--from', lake, '--to', lake, ...day, '--granularity', '5m']
    expect(await runCli(rollUp)).toMatchObject({ code: 0 })
    expect(await runCli(rollUp)).toMatchObject({ code: 0, stdout: expect.stringContaining('0 read') })
  })

  it('refuses to look for holes without a range', async () => {
    const args = ['backfill', '--from', '-', '--to', join(place(), 'lake'), '--only-missing']
    expect(await runCli(args, { stdin: some })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--only-missing needs a range\n.*--start-time/),
    })
  })

  it('takes names and tags with backslashes into a metrics file and back', async () => {
    const [lake, file, back] = [join(place(), 'lake'), join(place(), 'm.json.gz'), join(place(), 'lake')]
    const tags = { path: 'C:\\new\\\\share\\', 'a\\|b': 'x=1,\\' }
    const stdin = ['a\\b', 'a\\\\b', '\\|'].flatMap((name) =>
      [{}, tags].map((some, i) => JSON.stringify({ name, tags: some, time: '2026-01-01T08:00:00Z', value: i })),
    )
    expect(await runCli(['backfill', '--from=-', '--to', lake], { stdin: stdin.join('\n') })).toMatchObject({ code: 0 })
    expect(await runCli(['backfill', '--from', lake, '--to', file])).toMatchObject({ code: 0 })
    expect(await runCli(['backfill', '--from', file, '--to', back])).toMatchObject({ code: 0 })
    const rows = await read(lake)
    expect(rows).toHaveLength(6)
    expect(await read(back)).toEqual(rows)
  })

  it('names the value that a formula cannot take', async () => {
    const to = join(place(), 'lake')
    expect(await runCli(['backfill', '--from=-', '--to', to, '--map=factorial(x)'], { stdin: some })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error: cannot compute factorial(x) for x = -1.25: value must be non-negative\n'),
    })
  })

  it('names the line of standard input that is no point', async () => {
    const to = join(place(), 'lake')
    const result = await runCli(['backfill', '--from', '-', '--to', to, ...day], { stdin: `${some}\nnonsense` })
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('line 4 of standard input is no point') })
    expect(await read(to)).toEqual([])
  })
})
