import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { day, floorTo, formatTime, hour, minute } from '../../src/time/range.ts'
import { type FakeCloudWatch, startFakeCloudWatch } from '../fakes/cloudwatch.ts'
import { type FakeEc2, startFakeEc2 } from '../fakes/ec2.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const place = () => join(mkdtempSync(join(root, 'case-')), 'lake')
const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'geheim', AWS_REGION: 'us-west-2' }
/** Values of a minute are gone, those of five are there. */
const start = floorTo(Date.now() - 20 * day, hour)
const times = [`--start-time=${formatTime(start)}`, `--end-time=${formatTime(start + hour)}`, '--quiet']

let cloudWatch: FakeCloudWatch
let ec2: FakeEc2
beforeAll(async () => {
  const points = Array.from({ length: 60 }, (_, i): [number, number] => [start + i * minute, i])
  cloudWatch = await startFakeCloudWatch({
    metrics: [{ namespace: 'App', name: 'cpu', dimensions: { host: 'a' }, points }],
    now: Date.now,
  })
  const price = (seconds: number, text: string) => ({
    type: 'c3.xlarge',
    zone: 'us-west-2a',
    product: 'Linux/UNIX',
    time: start + seconds * 1_000,
    price: text,
  })
  ec2 = await startFakeEc2([price(-100, '1'), price(10, '3'), price(50, '4'), price(70, '4'), price(240, '5')])
})
afterAll(() => Promise.all([cloudWatch.stop(), ec2.stop()]))

describe.concurrent('retrofill backfill --from cloudwatch', () => {
  it('takes coarser values where the wanted ones have expired only with --accept-coarser, and says so', async () => {
    const to = place()
    const options = [
      '-o',
      `endpoint=${cloudWatch.url}`,
      'namespace=App',
      'period=60',
      'dimensions=host=a',
      '--metric',
      'cpu',
    ]
    const args = ['backfill', '--from', 'cloudwatch', ...options, '--to', to, ...times]
    expect(await runCli(args, { env })).toMatchObject({ code: 1, stderr: expect.stringContaining('--accept-coarser') })
    const { code, stdout } = await runCli([...args, '--accept-coarser'], { env })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('values are of 300 s') })
    expect(stdout).toContain('12 read = 12 written')
    const verify = ['verify', '--from', 'aws', '-o', 'service=cloudwatch', ...options.slice(1), '--accept-coarser']
    expect(await runCli([...verify, '--to', to, ...times], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 of 1 series are the same, 12 points read'),
    })
  })
})

describe.concurrent('retrofill backfill --from spot-prices', () => {
  it('keeps prices on change only, at whole minutes, with --dedupe', async () => {
    const args = ['backfill', '--from', 'spot-prices', '-o', `endpoint=${ec2.url}`]
    const read = async (...more: string[]) => {
      const to = place()
      expect(await runCli([...args, '--to', to, ...times, ...more], { env })).toMatchObject({ code: 0 })
      const { stdout } = await runCli(['read', to, '--granularity=full', '--output=ndjson'])
      const rows = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      return rows.map(({ time, value }) => [(Date.parse(time) - start) / 1_000, value])
    }
    expect(await read()).toEqual([
      [0, 1],
      [10, 3],
      [50, 4],
      [70, 4],
      [240, 5],
    ])
    expect(await read('--dedupe')).toEqual([
      [0, 1],
      [60, 4],
      [240, 5],
    ])
  })

  it('refuses a flag that the source does not know', async () => {
    const args = ['backfill', '--from', 'spot-prices', '--to', place(), ...times, '--accept-coarser']
    expect(await runCli(args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown option of spot-prices: accept_coarser'),
    })
  })
})
