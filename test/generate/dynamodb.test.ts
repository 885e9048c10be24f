import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDestination } from '../../src/backfill/query/destination.ts'
import type { Database } from '../../src/generate/database-output.ts'
import { generateData } from '../../src/generate/generate-data.ts'
import { startDynamoDB } from '../services/dynamodb.ts'
import { serverOrSkip } from '../services/support.ts'
import { newAccount } from '../store/dynamodb/support.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { defaults } from './generated.ts'

const root = temporaryFolder()
const server = await serverOrSkip('DynamoDB Local', startDynamoDB)
afterAll(() => server?.stop())

const { accessKeyId, secretAccessKey } = newAccount()
const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
const to = `dynamodb://us-east-1/?endpoint=${server?.url}&app=seagull`

const metric = (fields: string) => `{start_time: "2017-12-01T08:00", end_time: "2017-12-01T10:00", ${fields}}`
const several = `
app_metrics:
  runs: ${metric('frequency: 10m, values: {distribution: gauss, params: {mu: 5, sigma: 1}}')}
metadata:
  capacity: ${metric('frequency: 30m, values: {distribution: randint, params: {a: 1, b: 9}}, dict_keys: ["<m3.large, us-west-2a>", b]')}
`
const folder = () => mkdtempSync(join(root, 'case-'))

/** Runs a command with a design in a folder of its own. */
async function generate(design: string, ...args: string[]) {
  const cwd = folder()
  writeFileSync(join(cwd, 'design.yaml'), design)
  const result = await runCli(['generate-data', '-i', 'design.yaml', '--to', to, ...args], { cwd, env })
  return { ...result, left: readdirSync(cwd) }
}

/** What the database holds, as `read` prints it. */
const held = async () => (await runCli(['read', to, '--output', 'csv'], { env })).stdout

describe.skipIf(!server)('generate-data into DynamoDB', () => {
  beforeAll(async () => {
    const lost = await generate(several, '--seed', '1')
    expect(lost).toMatchObject({ code: 2, stderr: expect.stringContaining('--create-tables') })
    expect(await generate(several, '--seed', '1', '--create-tables')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/2 metrics, 16 points, [\d,]+ bytes\n$/),
      left: ['design.yaml'],
    })
  })

  it('holds the points that a file of the same seed holds', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'design.yaml'), several)
    await runCli(['generate-data', '-i', 'design.yaml', '--seed', '1'], { cwd })
    const verify = ['verify', '--from', join(cwd, 'metrics.json.gz'), '--to', to]
    expect(await runCli(verify, { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('3 of 3 series') })
  })

  it('asks nobody where the same points are there already', async () => {
    expect(await generate(several, '--seed', '1')).toMatchObject({ code: 0 })
  })

  it('replaces metrics as a whole with consent, touches nothing without, and leaves others alone', async () => {
    const before = await held()
    const shorter = several.replaceAll('end_time: "2017-12-01T10:00"', 'end_time: "2017-12-01T08:40"')
    const other =
      'metadata:\n  other: {start_time: "2017-12-01T09:00", end_time: "2017-12-01T09:30", frequency: 10m, values: 7}\n'
    expect(await generate(shorter, '--seed', '2')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('holds data for runs: nothing was written'),
    })
    expect(await held()).toBe(before)
    expect(await generate(other, '--seed', '2')).toMatchObject({ code: 0 })
    expect(await generate(shorter, '--seed', '2', '--yes')).toMatchObject({ code: 0 })
    const rows = (await held()).trim().split('\n').slice(1)
    expect(rows.filter((row) => row.startsWith('runs|'))).toHaveLength(4)
    expect(rows.filter((row) => row.startsWith('other|'))).toHaveLength(3)
    expect(rows.filter((row) => row.startsWith('capacity|') && !/T08:[03]0/.test(row))).toEqual([])
  })

  it('counts without writing on --dry-run', async () => {
    const before = await held()
    const { stdout, code } = await generate(several, '--seed', '9', '--dry-run')
    expect({ stdout, code }).toEqual({ stdout: 'Random Seed: 9\n2 metrics, 16 points\n', code: 0 })
    expect(await held()).toBe(before)
  })

  it('tells of every hour that has been pushed', async () => {
    const input = join(folder(), 'design.yaml')
    writeFileSync(input, `metadata:\n  told: ${metric('frequency: 10m, values: 7')}\n`)
    const into = (await openDestination(to, { format: 'plain', env })) as Database
    const told: unknown[] = []
    await generateData({ ...defaults, input, output: to, into, onPush: (hours) => told.push(hours) })
    expect(told).toEqual([
      { done: 1, total: 2, points: 6 },
      { done: 2, total: 2, points: 6 },
    ])
  })

  it('refuses what it cannot hold exactly, before it writes anything, unless that is allowed', async () => {
    const random = `metadata:\n  fine: ${metric('frequency: {distribution: random}, values: 1').replace('10:00', '08:01')}\n`
    expect(await generate(random, '--seed', '1')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('cannot be held exactly'),
    })
    expect(await held()).not.toContain('fine')
    expect(await generate(random, '--seed', '1', '--allow-lossy')).toMatchObject({ code: 0 })
    expect(await held()).toContain('fine')
  })

  it('is read by functions of later designs', async () => {
    const design = (type: string) =>
      `twice: ${metric(`values: {function: "2*x", metric: other, ${type}from: "${to}"}`)}\n`
    const cwd = folder()
    writeFileSync(join(cwd, 'design.yaml'), design('type: metadata, '))
    const run = () => runCli(['generate-data', '-i', 'design.yaml', '--seed', '1', '--yes'], { cwd, env })
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('1 metric, 3 points') })
    writeFileSync(join(cwd, 'design.yaml'), design(''))
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('of a metric with a type give type:'),
    })
  })
})
