import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { minute } from '../../src/time/range.ts'
import { type FakeSignalFlow, type SignalFxSeries, startSignalFlow } from '../fakes/signalflow.ts'
import { allText } from '../support/all-text.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const start = Date.UTC(2017, 7, 1, 8)
const token = 'q7-a-secret-that-nobody-may-see'
const hour = Array.from({ length: 60 }, (_, i) => start + i * minute)
const market = (AZ: string, inst_type: string) => ({ AZ, inst_type })
const [a, b] = [market('us-west-2a', 'c3.xlarge'), market('us-west-2b', 'm4.2xlarge')]
const every = (
  metric: string,
  dimensions: SignalFxSeries['dimensions'],
  value: (i: number) => number,
): SignalFxSeries => ({
  metric,
  dimensions,
  points: hour.map((time, i) => [time, value(i)]),
})
const series = [
  every('fleet.capacity', { ...a, cluster: 'prod' }, (i) => (i < 30 ? 8 : 12)),
  every('fleet.capacity', { ...b, cluster: 'prod' }, () => 16),
  every('fleet.capacity', { ...b, cluster: 'dev' }, () => 99),
  every('mesos.cpus', { agent: '1' }, (i) => 4 + i / 8),
  every('mesos.cpus', { agent: '2' }, () => 3),
  every('spot.price', a, (i) => 0.05 + (i >= 20 ? 0.01 : 0)),
  every('spot.price', b, () => 0.125),
]

let server: FakeSignalFlow
beforeAll(async () => {
  server = await startSignalFlow({ token, series })
})
afterAll(() => server.stop())
beforeEach(() => {
  server.requests.length = 0
  server.fault = () => undefined
})

const env = { SIGNALFX_API_TOKEN: token }
const times = ['--start-time=2017-08-01T08:00Z', '--end-time=2017-08-01T09:00Z']
const place = () => mkdtempSync(join(root, 'case-'))
const backfill = (...args: string[]) =>
  runCli(['backfill', '--from', 'signalfx', '-o', `endpoint=${server.url}`, ...args, ...times, '--quiet'], { env })

describe('a backfill from signalfx', () => {
  it('makes a metrics file that simulate takes', async () => {
    const file = join(place(), 'metrics.json.gz')
    const pool = 'cluster=prod,pool=default.mesos'
    const capacity = ['--metric', `fleet.capacity=fulfilled_capacity|${pool}`, '--label', '<{inst_type}, {AZ}>']
    const allocated = ['--metric', `mesos.cpus=cpus_allocated|${pool}`, '--metric-type', 'system_metrics', '-o', 'by=']
    const rename = ['--tag', 'rename:AZ=aws_availability_zone', '--tag', 'rename:inst_type=aws_instance_type']
    const prices = ['--metric', 'spot.price=spot_prices', ...rename, '--metric-type', 'metadata']
    const to = ['--to', file]
    const done = await backfill(...to, ...capacity, '--metric-type', 'metadata', '-o', 'filter=cluster:prod')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('120 read = 120 written') })
    expect(await backfill(...to, ...allocated)).toMatchObject({ code: 0 })
    expect(await backfill(...to, ...prices)).toMatchObject({ code: 0 })

    const { metadata, system_metrics } = JSON.parse(gunzipSync(readFileSync(file)).toString())
    expect(metadata[`fulfilled_capacity|${pool}`]).toHaveLength(60)
    expect(metadata[`fulfilled_capacity|${pool}`][30]).toEqual([
      '2017-08-01T08:30:00+00:00',
      { '<c3.xlarge, us-west-2a>': 12, '<m4.2xlarge, us-west-2b>': 16 },
    ])
    expect(system_metrics[`cpus_allocated|${pool}`][8]).toEqual(['2017-08-01T08:08:00+00:00', 8])
    const { code, stdout, stderr } = await runCli(['simulate', '--metrics-data-file', file, ...times])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') })
    expect(stdout).toContain('SpotPriceChangeEvent')
    expect(stdout).toContain('ModifyClusterSizeEvent')
  })

  it("takes Clusterman's own command line", async () => {
    const file = join(place(), 'metrics.json.gz')
    const old = [
      '--src',
      'signalfx',
      '--src-metric-names',
      'mesos.cpus',
      'spot.price',
      '--dest-metric-names',
      'cpus',
      'price',
    ]
    const args = [
      ...old,
      '--dest-file',
      file,
      '--filter',
      'agent:1',
      '-o',
      `api_token=${token}`,
      `endpoint=${server.url}`,
    ]
    const { code, stdout, stderr } = await runCli(['backfill', ...args, ...times], {})
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('--metric mesos.cpus=cpus') })
    expect(stdout).toContain('metrics without any point (1):\n  spot.price')
    const metrics = JSON.parse(gunzipSync(readFileSync(file)).toString())
    expect(Object.keys(metrics)).toEqual(['cpus'])
    expect(metrics.cpus[0]).toEqual(['2017-08-01T08:00:00+00:00', 4])
  })

  it('verifies a copy against the service, shaped and limited as a backfill, and tells where they differ', async () => {
    const file = join(place(), 'metrics.json.gz')
    const shape = [
      ...['--metric', 'fleet.capacity=fulfilled_capacity|cluster=prod', '--metric-type', 'metadata'],
      ...['--label', '<{inst_type}, {AZ}>', '--map', 'x * 2', '-o', 'filter=cluster:prod'],
    ]
    expect(await backfill('--to', file, ...shape)).toMatchObject({ code: 0 })
    // Points of another cluster are nobody's business.
    const others = JSON.stringify({
      series: 'fulfilled_capacity|@key=<a\\, b>,@type=metadata,cluster=dev',
      time: '2017-08-01T08:05:00Z',
      value: 1,
    })
    const more = ['backfill', '--from', '-', '--to', file, '--quiet']
    expect(await runCli(more, { stdin: others })).toMatchObject({ code: 0 })
    const verify = (url: string, ...args: string[]) =>
      runCli(['verify', '--from', 'signalfx', '-o', `endpoint=${url}`, '--to', file, ...shape, ...times, ...args], {
        env,
      })
    expect(await verify(server.url, '--quiet')).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      stdout: '2 of 2 series are the same, 120 points read\n',
    })
    const changed = series.map((one, i) =>
      i === 0 ? every(one.metric, one.dimensions, (n) => (n === 7 ? 3 : n < 30 ? 8 : 12)) : one,
    )
    const other = await startSignalFlow({ token, series: changed })
    const { code, stdout } = await verify(other.url, '--output=json')
    await other.stop()
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({
      series: 2,
      same: 1,
      different: [
        {
          series: expect.stringContaining('c3.xlarge'),
          from: { count: 60, sum: 1_190, min: 6, max: 24 },
          to: { count: 60, sum: 1_200, min: 16, max: 24 },
          chunks: 1,
        },
      ],
    })
  })

  it('says which parts it could not compare, and ends with 3', async () => {
    const lake = join(place(), 'lake')
    const args = ['--metric', 'mesos.cpus', '-o', 'by=']
    expect(await backfill('--to', lake, ...args)).toMatchObject({ code: 0 })
    server.fault = () => ({ abort: 'no room' })
    const verify = ['verify', '--from', 'signalfx', '-o', `endpoint=${server.url}`, ...args, '--to', lake, ...times]
    expect(await runCli([...verify, '--quiet'], { env })).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/not compared \(1\):\n {2}2017-08-01T08:00:00Z\/2017-08-01T09:00:00Z: .*no room/),
    })
  })

  it('tells beforehand what it asks for, and asks for nothing', async () => {
    const lake = join(place(), 'lake')
    const args = ['--to', lake, '--metric', 'mesos.cpus', 'spot.price', '-o', 'by=', '--dry-run', '--output=json']
    const { code, stdout } = await runCli(
      ['backfill', '--from', 'signalfx', ...args, '--start-time=2017-08-01', '--end-time=2017-08-13'],
      { env },
    )
    expect({ code, plan: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      plan: {
        stretches: expect.objectContaining({ length: 4 }),
        cost: { requests: 8, atMost: true, points: 2 * 12 * 24 * 60, bytes: 120 * 2 * 12 * 24 * 60 },
        resolution: 60_000,
        money: { dollars: 0 },
      },
    })
    expect(server.requests).toEqual([])
  })

  it('tells what a store bills, by prices of the table or others', async () => {
    const args = ['--to=dynamodb://us-west-2/', '--metric-type=metadata', '--metric=m', '-o', 'by=', '--dry-run']
    const money = async (...more: string[]) => {
      const range = ['--start-time=2017-08-01', '--end-time=2017-08-02']
      const { stdout } = await runCli(['backfill', '--from=signalfx', ...args, ...range, '--output=json', ...more], {
        env,
      })
      return JSON.parse(stdout).money
    }
    expect(await money()).toEqual({
      dollars: expect.closeTo((1_440 * 0.625 + 2 * 72 * 0.125) / 1e6, 12),
      asOf: '2025-11-01',
    })
    expect(await money('--price', 'dynamodb:write-units=2')).toMatchObject({ dollars: expect.closeTo(2_880, 2) })
    expect(await runCli(['backfill', '--from=signalfx', ...args, '--price=x=1'], { env })).toMatchObject({ code: 2 })
  })

  it('reads again only what is missing, and what is done too with --refresh', async () => {
    const args = ['--to', join(place(), 'lake'), '--metric', 'mesos.cpus']
    server.fault = (n) => (n === 0 ? { abort: 'no room' } : undefined)
    expect(await backfill(...args)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(
        '2017-08-01T08:00:00Z/2017-08-01T09:00:00Z: signalfx aborted the computation: no room',
      ),
      stderr: expect.stringContaining('to go on:  retrofill backfill --from signalfx'),
    })
    expect(await backfill(...args)).toMatchObject({ code: 0 })
    expect(await backfill(...args)).toMatchObject({ code: 0 })
    expect(server.requests).toHaveLength(2)
    expect(await backfill(...args, '--refresh')).toMatchObject({ code: 0 })
    expect(server.requests).toHaveLength(3)
    server.fault = (n) => (n === 3 ? { abort: 'no room' } : undefined)
    expect(await backfill(...args, '--refresh')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(' --refresh=2017-08-01T08:00:00Z/2017-08-01T09:00:00Z --start-time='),
    })
  })

  it.each([
    ['a token that is refused', ['--metric', 'mesos.cpus'], { status: 401 }, 2],
    ['a program that is aborted', ['--metric', 'mesos.cpus'], { abort: 'no room' }, 3],
    ['a service that is down', ['--metric', 'mesos.cpus', '--retries=0'], { status: 503 }, 3],
    ['an option that is wrong', ['--metric', 'mesos.cpus', '-o', 'resolution=soon'], undefined, 2],
    ['an option given twice', ['--metric', 'mesos.cpus', '-o', `api_token=${token}`], undefined, 2],
    ['no metric', [], undefined, 2],
    ['nothing at all', ['--metric', 'none'], undefined, 5],
  ])('never shows or keeps the token: %s', async (_, args, fault, code) => {
    server.fault = () => fault
    const folder = place()
    const given = ['-o', `api_token=${token}`, `endpoint=${server.url}`]
    const result = await runCli(
      ['backfill', '--from', 'signalfx', ...given, '--to', join(folder, 'm.json.gz'), ...times, ...args],
      {},
    )
    expect(result.code).toBe(code)
    expect(result.stderr).not.toMatch(/\n\s+at /)
    expect(`${result.stdout}${result.stderr}${allText(folder)}`).not.toContain(token)
  })
})
