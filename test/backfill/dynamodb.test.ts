import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, describe, expect, it } from 'vitest'
import { second } from '../../src/time/range.ts'
import { startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { startDynamoDB } from '../services/dynamodb.ts'
import { serverOrSkip } from '../services/support.ts'
import { newAccount } from '../store/dynamodb/support.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const server = await serverOrSkip('DynamoDB Local', startDynamoDB)
afterAll(() => server?.stop())

const { accessKeyId, secretAccessKey } = newAccount()
const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
const to = `dynamodb://us-east-1/?endpoint=${server?.url}`
const time = (text: string) => `2026-01-01T${text}Z`
const written = Date.parse(time('08:00:00')) / second
const stdin = [
  {
    series: 'fulfilled_capacity|@key=<c3.xlarge\\, us-west-2a>,@type=metadata,cluster=c',
    time: time('08:00:00'),
    value: 4,
  },
  {
    series: 'fulfilled_capacity|@key=<m4.large\\, us-west-2a>,@type=metadata,cluster=c',
    time: time('08:00:00'),
    value: 2.25,
  },
  { series: 'cpus_allocated|@type=system_metrics,cluster=c', time: time('09:30:00'), value: -1e-9 },
]
  .map((point) => JSON.stringify(point))
  .join('\n')

describe.skipIf(!server)('a backfill into DynamoDB', () => {
  it("holds every point in Clusterman's layout, also when it is run again, and verifies", async () => {
    const folder = mkdtempSync(join(root, 'case-'))
    const lake = join(folder, 'lake')
    const args = ['backfill', '--to', to, '--state-dir', join(folder, 'state'), '--quiet']
    expect(await runCli(['backfill', '--from', '-', '--to', lake, '--quiet'], { stdin })).toMatchObject({ code: 0 })
    const range = ['--start-time=2026-01-01', '--end-time=2026-01-02']
    const first = await runCli([...args, '--from', lake, ...range, '--create-tables'], { env })
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/store +3 rows put .*3 read back and found equal/),
    })
    expect(await runCli([...args, '--from', lake, ...range], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('24 up to date'),
    })
    expect(await runCli(['verify', '--from', lake, '--to', to], { env })).toMatchObject({
      code: 0,
      stdout: '3 of 3 series are the same, 3 points read\n',
    })
    const back = join(folder, 'metrics.json.gz')
    expect(await runCli(['backfill', '--from', to, '--to', back, ...range, '--quiet'], { env })).toMatchObject({
      code: 0,
    })
    expect(await runCli(['verify', '--from', back, '--to', lake])).toMatchObject({ code: 0 })
  })

  it('tells beforehand what reading it takes and bills, and what writing does', async () => {
    const account = newAccount()
    const own = { AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: account.secretAccessKey }
    const folder = mkdtempSync(join(root, 'case-'))
    const fill = ['backfill', '--from', '-', '--to', to, '--create-tables', '--state-dir', folder, '--quiet']
    expect(await runCli(fill, { env: own, stdin })).toMatchObject({ code: 0 })
    const plan = async (...args: string[]) => {
      const times = ['--start-time=2026-01-01', '--end-time=2026-01-02', '--dry-run', '--output=json']
      const { code, stdout } = await runCli(['backfill', '--from', to, ...args, ...times], { env: own })
      expect(code).toBe(0)
      return JSON.parse(stdout)
    }
    // Two partition keys: one unit to find each, and one to read it.
    const reading = await plan('--to', join(folder, 'lake'))
    expect(reading).toMatchObject({ cost: { requests: 4, points: 3, billed: { 'dynamodb:read-units': 4 } } })
    expect(reading.money.dollars).toBeCloseTo((4 * 0.125) / 1e6, 12)
    expect((await plan('--to', join(folder, 'lake'), '--price', 'dynamodb:read-units=1')).money.dollars).toBe(4)
    const writing = await plan('--to', to.replace('/?', '/other_?'), '--metric-type=app_metrics')
    expect(writing.cost.billed).toEqual({ 'dynamodb:read-units': 4 + 2 * 3, 'dynamodb:write-units': 2 * 3 })
  })

  it('ends with 4 where what is read back is not what was read, and names series and chunk', async () => {
    const proxy = await startFaultyProxy(server?.url ?? '')
    // What is written is changed on its way.
    proxy.fault = ({ body }) =>
      body.includes('"2.25"') ? { answer: (answer) => answer, ask: body.replace('"2.25"', '"2.75"') } : undefined
    const range = ['--start-time=2026-01-01T08:00Z', '--end-time=2026-01-01T10:00Z']
    const spoilt = `dynamodb://us-east-1/spoilt_?endpoint=${proxy.url}`
    const folder = mkdtempSync(join(root, 'case-'))
    const args = ['backfill', '--from', '-', '--to', spoilt, '--create-tables', '--state-dir', folder, ...range]
    const { code, stdout } = await runCli([...args, '--quiet'], { env, stdin })
    await proxy.stop()
    expect(code).toBe(4)
    expect(stdout).toContain('full: 1 of 2 chunks read back and equal: 1 point, sum -1e-9')
    expect(stdout).toMatch(
      /series that differ \(1\):\n +fulfilled_capacity\|@key=<m4.large.*, full 2026-01-01T08:00:00Z\/2026-01-01T09:00:00Z\n +read +1 point, sum 2.25, .*\n +read back +1 point, sum 2.75/,
    )
  })

  it.each([
    ['--ttl=full', (from: number, to: number) => [from, to]],
    ['--ttl=remaining', () => [written, written]],
    ['--ttl=none', () => undefined],
  ] as const)('lets its items expire as it is told: %s', async (ttl, bounds) => {
    const account = newAccount()
    const own = { AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: account.secretAccessKey }
    const args = ['backfill', '--from=-', '--to', to, '--create-tables', '--quiet', ttl, '--ttl-days=3']
    const point = JSON.stringify({ series: 'm|@type=metadata', time: time('08:00:00'), value: 1 })
    const folder = mkdtempSync(join(root, 'case-'))
    const from = Math.floor(Date.now() / second)
    const { code, stderr } = await runCli([...args, '--state-dir', folder], { env: own, stdin: point })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const client = new DynamoDBClient({ endpoint: server?.url, region: 'us-east-1', credentials: account })
    const { TableNames = [] } = await client.send(new ListTablesCommand())
    const all = await Promise.all(TableNames.map((TableName) => client.send(new ScanCommand({ TableName }))))
    const expiries = all.flatMap(({ Items = [] }) => Items.map((item) => item.expiration_timestamp?.N))
    const [least, most] = bounds(from, Math.ceil(Date.now() / second)) ?? []
    expect(expiries).toHaveLength(1)
    if (least === undefined || most === undefined) expect(expiries).toEqual([undefined])
    else expect(Number(expiries[0]) - 3 * 86_400).toSatisfy((start) => start >= least && start <= most)
  })

  it('refuses points that it cannot hold exactly, unless that is allowed', async () => {
    const folder = mkdtempSync(join(root, 'case-'))
    const args = ['backfill', '--from', '-', '--to', to, '--state-dir', join(folder, 'state'), '--quiet']
    const point = JSON.stringify({ series: 'm|@type=metadata', time: time('08:00:00.5'), value: 1 })
    expect(await runCli(args, { env, stdin: point })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('cannot be held exactly'),
    })
    expect(await runCli([...args, '--allow-lossy'], { env, stdin: point })).toMatchObject({ code: 0 })
  })
})
