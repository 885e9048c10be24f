import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/app.ts'
import { metricsFileSource } from '../../src/source/metrics-file-source.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import { full } from '../../src/time/granularity.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const cwd = temporaryFolder()
const page = readFileSync(join(import.meta.dirname, '../../docs/simulate.md'), 'utf8')
const [, command, expected] = /```console\n\$ retrofill (.*)\n([^`]*)```/.exec(page) as RegExpExecArray
const [, documented] = /```json\n([^`]*)```/.exec(page) as RegExpExecArray
const metrics = JSON.parse(documented)

const write = (name: string, content: unknown) => writeFileSync(join(cwd, name), gzipSync(JSON.stringify(content)))
write('metrics.json.gz', metrics)

const window = ['--start-time', '2017-08-01T08:00:00Z', '--end-time', '2017-08-01T08:10:00Z']
const simulate = (...args: string[]) => runCli(['simulate', ...args], { cwd })
const replay = (...args: string[]) => simulate('--metrics-data-files', 'metrics.json.gz', ...window, '--quiet', ...args)
const replayFile = (file: string, ...args: string[]) =>
  simulate('--metrics-data-files', file, ...window, '--quiet', ...args)
const price = 'spot_prices|aws_availability_zone=us-west-2a,aws_instance_type=c3.8xlarge'
const capacity = 'fulfilled_capacity|cluster=norcal-prod,pool=default.mesos'

describe('simulate', () => {
  it('gives the documented session', async () => {
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
    expect(await runCli(words, { cwd })).toMatchObject({ code: 0, stdout: expected, stderr: '' })
  })

  it('makes the documented way from a design to a report', async () => {
    const [, design] = /```yaml\n(metadata:[^`]*)```/.exec(page) as RegExpExecArray
    const [, commands] = /```sh\n([^`]*)```/.exec(page) as RegExpExecArray
    writeFileSync(join(cwd, 'design.yaml'), design)
    for (const line of commands.trim().split('\n')) {
      expect(await runCli(line.split(' ').slice(1), { cwd })).toMatchObject({ code: 0 })
    }
    const report = readFileSync(join(cwd, 'reports.html'), 'utf8')
    expect(report).toMatch(/<td>Total cost<\/td><td>\$[1-9]/)
    expect(report).toContain('Dec 2017: total cost $')
  })

  it('gives the exact numbers as JSON, without events', async () => {
    const { stdout, code } = await replay('--output', 'json')
    const cost = (4 * 0.25 * 314 + 4 * 0.45 * 46 + 6 * 0.45 * 240) / 3600
    expect(code).toBe(0)
    expect(JSON.parse(stdout).total_cost).toBeCloseTo(cost, 12)
  })

  it('gives events as NDJSON and the result as its last line', async () => {
    const { stdout } = await replay('--output', 'json', '--events', 'ndjson')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(7)
    expect(lines[1]).toEqual({ id: 4, time: '2017-08-01T08:00:00+00:00', event: 'ModifyClusterSizeEvent', size: 4 })
    expect(lines[6]).toHaveProperty('total_cost')
  })

  it('halves the cost at half the price, and takes what the environment says', async () => {
    const total = async (run: ReturnType<typeof runCli>) => JSON.parse((await run).stdout).total_cost
    const full = await total(replay('--output', 'json'))
    expect(await total(replay('--output', 'json', '--discount', '0.5'))).toBeCloseTo(full / 2, 12)
    const env = { RETROFILL_DISCOUNT: '0.5', RETROFILL_METRICS_DATA_FILES: 'metrics.json.gz' }
    expect(await total(runCli(['simulate', ...window, '--output', 'json'], { cwd, env }))).toBeCloseTo(full / 2, 12)
  })

  it('gives prices as they are paid in events', async () => {
    const { stdout } = await replay('--events', 'ndjson', '--discount', '0.5')
    const events = stdout.split('\n').filter((line) => line.startsWith('{'))
    const prices = events.map((line) => JSON.parse(line).price).filter((one) => one !== undefined)
    expect(prices).toEqual([0.25 / 2, 0.45 / 2])
  })

  it('draws the same join delays for the same seed', async () => {
    const cpus = async (seed: string) => {
      await replay(
        '--join-delay-params',
        '120',
        '30',
        '--seed',
        seed,
        '--series',
        'cpus',
        '--series-file',
        `${seed}.csv`,
        '--step',
        '1s',
      )
      return readFileSync(join(cwd, `${seed}.csv`), 'utf8')
    }
    const [first, other] = [await cpus('1'), await cpus('2')]
    expect(await cpus('1')).toBe(first)
    expect(other).not.toBe(first)
    expect(first.trim().split('\n').at(-1)).toBe('2017-08-01T08:09:59Z,192')
  })

  it('draws one page, or a picture a report, and says what it wrote', async () => {
    const html = await simulate(
      '--metrics-data-file',
      'metrics.json.gz',
      ...window,
      '--events',
      'none',
      '--reports',
      'all',
      '--output-prefix',
      'x',
    )
    expect(html.stderr).toBe('wrote x_reports.html\n')
    expect(readFileSync(join(cwd, 'x_reports.html'), 'utf8').split('<figure>')).toHaveLength(8)
    await replay('--reports', 'cpus', 'cost', '--report-format', 'png')
    for (const name of ['cpus.png', 'cost.png'])
      expect(readFileSync(join(cwd, name)).subarray(1, 4).toString()).toBe('PNG')
  })

  it('compares with a kept result, and two kept results', async () => {
    await replay('--result', 'full.json.gz', '--name', 'full')
    await replay('--result', 'half.json.gz', '--name', 'half', '--discount', '0.5')
    const kept = JSON.parse(gunzipSync(readFileSync(join(cwd, 'full.json.gz'))).toString())
    expect(Object.keys(kept)).toEqual([
      'format',
      'version',
      'name',
      'cluster',
      'start',
      'end',
      'notes',
      'summary',
      'functions',
    ])
    const two = await simulate('--compare', 'full.json.gz', 'half.json.gz')
    expect(two.stdout).toMatch(/^ +full +half +difference +ratio\nTotal cost +\$0\.29 +\$0\.145 +-\$0\.145 +50%\n/)
    const now = await replay('--events', 'none', '--compare', 'full.json.gz', '--name', 'now', '--output', 'json')
    const { name, differences } = JSON.parse(now.stdout)
    expect([name, differences[0].name, differences[0].ratio]).toEqual(['[now] truediv [full]', 'total_cost', 1])
  })

  it('reads a lake as it reads the file that was put into it, alone or beside other files', async () => {
    await using lake = await openLake({ path: join(cwd, 'lake'), job: 'a1' })
    const range = { start: Date.parse('2017-08-01T08:00:00Z'), end: Date.parse('2017-08-01T09:00:00Z') }
    const points = metricsFileSource(join(cwd, 'metrics.json.gz')).read({}, range)
    await lake.replace({ granularity: full, range, series: 'all' }, points)
    const ofFile = await replay()
    const ofLake = await simulate('--from', 'lake', ...window, '--quiet')
    expect(ofLake).toMatchObject({ code: 0, stderr: '' })
    const withoutIds = ({ stdout }: { stdout: string }) => stdout.replace(/Event \d+/g, 'Event')
    expect(withoutIds(ofLake)).toBe(withoutIds(ofFile))
    write('dear.json.gz', { metadata: { [price]: [['2017-08-01T08:00:00+00:00', 9]] } })
    const both = await simulate('--metrics-data-files', 'dear.json.gz', '--from', 'lake', ...window, '--quiet')
    expect(withoutIds(both)).toBe(withoutIds(ofFile))
  })

  it('writes series into a lake, again as the same, and tells of its job', async () => {
    const put = (...flags: string[]) =>
      replay('--series', 'cost,cpus', '--step', '2m', '--to', 'series-lake', '--events', 'none', ...flags)
    const read = async () =>
      (await runCli(['read', 'series-lake', '--granularity', 'full', '--output', 'csv'], { cwd })).stdout
    expect(await put()).toMatchObject({ code: 0, stderr: '' })
    const once = await read()
    await replay('--series', 'cost,cpus', '--step', '2m', '--series-file', 'steps.csv')
    const rows = readFileSync(join(cwd, 'steps.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','))
    const tags = 'cluster=norcal-prod,pool=default.mesos,simulation=simulation'
    const lines = [1, 2].flatMap((column) =>
      rows.map((row) => `"${column === 1 ? 'cost' : 'cpus'}|${tags}",${row[0]},${row[column]}`),
    )
    expect(once).toBe(`series,time,value\n${lines.join('\n')}\n`)
    await put()
    expect(await read()).toBe(once)
    expect((await runCli(['status', 'series-lake'], { cwd })).stdout).toMatch(
      /^job [0-9a-f]{12} of simulation simulation\nfull +1 chunk done, 0 stale, 0 failed; 10 rows of 10 points/,
    )
    const owner = { host: 'elsewhere', pid: 1, nonce: 'x' }
    writeFileSync(join(cwd, 'series-lake/_retrofill/lock'), JSON.stringify(owner))
    expect(await put()).toMatchObject({ code: 7, stderr: expect.stringContaining('--take-over') })
    expect(await put('--take-over')).toMatchObject({ code: 0 })
  })

  it('takes bids, on-demand prices and instance types from files', async () => {
    const huge = JSON.parse(JSON.stringify(metrics).replaceAll('c3.8xlarge', 'm9.huge'))
    delete huge.metadata[price.replace('c3.8xlarge', 'm9.huge')]
    write('huge.json.gz', huge)
    writeFileSync(join(cwd, 'types.yaml'), 'm9.huge: {vcpus: 64, memory: 128}\n')
    writeFileSync(join(cwd, 'prices.yaml'), '<m9.huge, us-west-2a>: 3.6\n')
    const { stdout } = await replayFile(
      'huge.json.gz',
      '--instance-types',
      'types.yaml',
      '--on-demand-prices',
      'prices.yaml',
      '--output',
      'json',
      '--ebs-volume-size',
      '100',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      total_cost: (2 * 3.6 * 360 + 3 * 3.6 * 240) / 3600,
      peak_memory_gib: 384,
      peak_disk_gb: 300,
    })
    writeFileSync(join(cwd, 'bids.yaml'), 'c3.8xlarge: 0.4\n')
    const hourly = ['--billing-period', '1h', '--output', 'json', '--bids', 'bids.yaml']
    expect(JSON.parse((await replay(...hourly)).stdout).total_cost).toBe(0)
    expect(JSON.parse((await replay(...hourly, '--no-refund')).stdout).total_cost).toBeGreaterThan(0)
  })
})

it('an interrupted simulation says so and ends with 6', async () => {
  let talk = ''
  const stderr = { write: (text: string) => (talk += text) }
  const argv = ['simulate', '--metrics-data-files', join(cwd, 'metrics.json.gz'), ...window]
  const target = { stdout: stderr, stderr, env: {}, argv, exitCode: undefined }
  await runCommandLine(argv, { process: target, stdin: process.stdin, signal: AbortSignal.abort(), now: () => 0 })
  expect([target.exitCode, talk]).toEqual([6, 'interrupted: each file is whole or as it was\n'])
})

describe('a mistake is told in one line, with an exit code', () => {
  const withSeries = (name: string, points: unknown) => ({
    ...metrics,
    metadata: { ...metrics.metadata, [name]: points },
  })
  const at = '2017-08-01T08:00:00+00:00'
  const files: [what: string, content: unknown, code: number, message: RegExp][] = [
    [
      'a time that stands twice',
      withSeries(price, [
        [at, 1],
        [at, 2],
      ]),
      2,
      /^error: duplicate time: 2017-08-01T08:00:00Z stands twice in spot_prices\|.* of .*broken\.json\.gz$/m,
    ],
    [
      'a market that stands twice in a capacity',
      withSeries(capacity, [[at, { '<c3.8xlarge, us-west-2a>': 32, 'c3.8xlarge,us-west-2a': 32 }]]),
      2,
      /^error: duplicate time: 2017-08-01T08:00:00Z stands twice for <c3\.8xlarge, us-west-2a> in fulfilled_capacity\|/m,
    ],
    [
      'a capacity that is empty and not at one time',
      withSeries(capacity, [
        [at, {}],
        [at, { '<c3.8xlarge, us-west-2a>': 32 }],
      ]),
      2,
      /^error: duplicate time: 2017-08-01T08:00:00Z stands twice in fulfilled_capacity\|/m,
    ],
    [
      'a value that is no number',
      withSeries(price, [[at, 'x']]),
      2,
      /^error: invalid value: expected a number, got .* in spot_prices\|.* of broken\.json\.gz$/m,
    ],
    [
      'an unknown instance type',
      withSeries(capacity, [[at, { '<c3.huge, us-west-2a>': 1 }]]),
      2,
      /^error: unknown instance type: c3\.huge of <c3\.huge, us-west-2a> in fulfilled_capacity\|.*\n {2}describe it in a file/m,
    ],
    [
      'an unknown zone',
      withSeries(capacity, [[at, { '<c3.8xlarge, moon>': 1 }]]),
      2,
      /^error: invalid zone: .* got "moon" in fulfilled_capacity/m,
    ],
    [
      'a missing price',
      withSeries(price, []),
      2,
      /^error: missing price: no price series for <c3\.8xlarge, us-west-2a>, .*\n {2}give --on-demand-prices FILE/m,
    ],
    ['a file that is no JSON', 'text', 1, /^error: invalid metrics file .*broken\.json\.gz/m],
    [
      'a second cluster',
      withSeries(capacity.replace('norcal', 'other'), [[at, { '<c3.8xlarge, us-west-2a>': 32 }]]),
      2,
      /^error: ambiguous cluster: .*\n {2}choose with --cluster/m,
    ],
    [
      'points of other times only',
      { metadata: { [price]: [['2018-01-01T00:00:00+00:00', 1]] } },
      5,
      /^error: nothing to simulate: .* the inputs hold 2018-01-01T00:00:00Z to 2018-01-01T00:00:00Z/m,
    ],
    ['no points at all', {}, 5, /^error: nothing to simulate: .* the inputs hold none/m],
  ]

  it.each(files)('%s', async (_, content, code, message) => {
    write('broken.json.gz', content)
    const run = await replayFile('broken.json.gz')
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toContain('    at ')
    expect([run.code, run.stdout]).toEqual([code, ''])
  })

  const flags: [args: string[], code: number, message: RegExp][] = [
    [
      ['--metrics-data-files', 'metrics.json.gz', '--start-time', '2017-08-01', '--end-time', '2017-07-01'],
      2,
      /^error: invalid window: expected a start before the end/,
    ],
    [
      ['--metrics-data-files', 'metrics.json.gz', '--start-time', '2017-08-01', '--end-time', '2017-08-01'],
      2,
      /^error: invalid window/,
    ],
    [['--metrics-data-files', 'none.json.gz', ...window], 2, /^error: metrics file not found/],
    [[...window], 2, /^error: no input/],
    [['--reports', 'cpu', ...window], 2, /^error: unknown data key: expected one of cpus, .*, got cpu$/m],
    [
      ['--series', 'cost', ...window],
      2,
      /^error: invalid --series-file: expected a name that ends in \.csv or \.ndjson, got none/,
    ],
    [['--to', 'lake', ...window], 2, /^error: --to needs --series/],
    [
      ['--to', 'x.json.gz', '--series', 'cost', ...window],
      2,
      /^error: not a lake: x\.json\.gz names a metrics file, expected a folder\n/,
    ],
    [['--from', 'no/lake', ...window], 2, /^error: not a lake: no\/lake/],
    [
      ['--series', 'cost', '--series-file', 'a.csv', '--step', '1ms', '--metrics-data-files', 'metrics.json.gz'].concat(
        '--start-time',
        '2017-08-01',
        '--end-time',
        '2018-08-01',
        '--quiet',
      ),
      2,
      /^error: too many steps of 1ms in 2017-08-01T00:00:00Z\/2018-08-01T00:00:00Z: expected at most 100000000\n/,
    ],
    [['--series-file', 'a.csv', ...window], 2, /^error: --series-file needs --series/],
    [['--discount', '0', ...window], 2, /invalid --discount: expected a number above 0, got 0/],
    [['--ebs-volume-size', '-1', ...window], 2, /invalid --ebs-volume-size: expected a number from 0 up, got -1/],
    [['--events', 'csv', ...window], 2, /invalid --events: expected text, ndjson, none, got csv/],
    [
      ['--comparison-operator', 'div', ...window],
      2,
      /invalid --comparison-operator: expected truediv, add, sub, mul, got div/,
    ],
    [
      ['--cpus-per-weight', '64', '--metrics-data-files', 'metrics.json.gz', ...window],
      2,
      /^error: invalid CPUs per weight/,
    ],
    [
      ['--billing-period', '0s', '--metrics-data-files', 'metrics.json.gz', ...window],
      2,
      /^error: invalid --billing-period/,
    ],
    [
      ['--join-delay-params', '5', '--metrics-data-files', 'metrics.json.gz', ...window],
      2,
      /^error: invalid --join-delay-params: .* got 1 numbers/,
    ],
    [['--events', 'text', '--output', 'json', ...window], 2, /^error: invalid --events/],
    [['--timezone', 'Mars', '--metrics-data-files', 'metrics.json.gz', ...window], 2, /^error: unknown time zone/],
    [['--compare', 'a', 'b', 'c'], 2, /^error: cannot compare more than two simulations, got 3: a, b, c/],
    [['--compare', 'none', 'b'], 2, /^error: cannot read none/],
    [['--compare', 'metrics.json.gz', 'b'], 2, /^error: invalid result file: metrics\.json\.gz at format/],
    [
      ['--bids', 'none.yaml', '--metrics-data-files', 'metrics.json.gz', ...window],
      2,
      /^error: cannot read none\.yaml/,
    ],
    [
      ['--result', 'metrics.json.gz/a.gz', '--metrics-data-files', 'metrics.json.gz', '--events', 'none', ...window],
      1,
      /^error: cannot write metrics\.json\.gz\/a\.gz: ENOTDIR/,
    ],
  ]

  it.each(flags)('%j', async (args, code, message) => {
    const run = await simulate(...args)
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toContain('    at ')
    expect(run.code).toBe(code)
  })

  it('and the folder of an output is made', async () => {
    const args = ['--metrics-data-files', 'metrics.json.gz', '--events', 'none', '--output-prefix', 'new/folder/']
    const { code, stderr } = await simulate('--reports', 'cost', ...args, ...window)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('wrote new/folder/reports.html\n') })
  })

  it('and --allow-empty lets an empty window pass', async () => {
    write('empty.json.gz', {})
    expect((await replayFile('empty.json.gz', '--allow-empty')).code).toBe(0)
    expect(existsSync(join(cwd, 'empty.json.gz'))).toBe(true)
  })
})
