import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { listMetrics } from '../../src/metrics-file/list.ts'
import { runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

let directory: string
const at = (name: string) => join(directory, name)
const run = (args: readonly string[], stdin?: string) => runCli(args, { cwd: directory, stdin })
const point = '{"series":"m","time":"2026-01-01T00:00:00Z","value":1}'
const design = (name: string, end = '2026-01-01T00:00:03Z') =>
  `{${name}: {start_time: 2026-01-01, end_time: ${end}, frequency: 1ms, values: {distribution: random, params: {}}}}`

beforeEach(() => {
  directory = temporaryFolder()
  for (const name of ['a', 'b']) writeFileSync(at(`${name}.yaml`), design(name))
  writeFileSync(at('long.yaml'), design('long', '2026-01-01T02:00:00Z'))
})

/** Commands that write one file, up to its name. */
const writers = {
  generate: ['generate-data', '--input', 'a.yaml', '--seed', '1', '--quiet', '--yes', '--output'],
  backfill: ['backfill', '--from', '-', '--start-time=2026-01-01', '--end-time=2026-01-02', '--quiet', '--to'],
  simulate: [
    ...['simulate', '--metrics-data-files', 'fleet.json.gz', '--start-time=2026-01-01T00:00Z'],
    ...['--end-time=2026-01-01T01:00Z', '--allow-empty', '--quiet', '--result'],
  ],
}

function write(writer: keyof typeof writers, file: string) {
  const fleet = { metadata: { 'spot_prices|aws_availability_zone=a,aws_instance_type=m3.large': [] } }
  writeFileSync(at('fleet.json.gz'), gzipSync(JSON.stringify(fleet)))
  return run([...writers[writer], file], point)
}

describe.each(['generate', 'backfill', 'simulate'] as const)('a file that %s writes', (writer) => {
  it.each([
    ['a file', (target: string) => write(writer, target)],
    ['nothing as yet', () => undefined],
  ])('may be named by a symbolic link to %s: the link stays', async (_, prepare) => {
    mkdirSync(at('data'))
    mkdirSync(at('links'))
    await prepare('data/real.json.gz')
    symlinkSync('../data/real.json.gz', at('links/link.json.gz'))
    symlinkSync('links/link.json.gz', at('current.json.gz'))
    expect(await write(writer, 'current.json.gz')).toMatchObject({ code: 0 })
    expect(lstatSync(at('current.json.gz')).isSymbolicLink()).toBe(true)
    expect(readdirSync(at('links'))).toEqual(['link.json.gz'])
    expect(lstatSync(at('links/link.json.gz')).isSymbolicLink()).toBe(true)
    expect(lstatSync(at('data/real.json.gz')).isFile()).toBe(true)
  })

  it.each([
    ['a directory', () => mkdirSync(at('there.json.gz'))],
    ['a pipe', () => spawnSync('mkfifo', [at('there.json.gz')])],
    ['a device', () => symlinkSync('/dev/null', at('there.json.gz'))],
  ])('is refused where %s is, which stays', async (_, make) => {
    make()
    const before = lstatSync(at('there.json.gz')).ino
    const { code, stderr } = await write(writer, 'there.json.gz')
    expect(stderr).toContain('error: not a regular file: there.json.gz\n  name a file, or one that is not there yet')
    expect(code).toBe(2)
    expect(lstatSync(at('there.json.gz')).ino).toBe(before)
    expect(readdirSync(directory).sort()).toEqual(
      ['a.yaml', 'b.yaml', 'fleet.json.gz', 'long.yaml', 'there.json.gz'].sort(),
    )
  })

  it('may have a name as long as the file system takes', async () => {
    const name = `${'ä'.repeat(123)}.json.gz`
    expect(await write(writer, name)).toMatchObject({ code: 0 })
    expect(lstatSync(at(name)).isFile()).toBe(true)
    if (writer === 'backfill') expect(await run(['status', name])).toMatchObject({ code: 0 })
  })

  it('gets the directory that it is to lie in', async () => {
    expect(await write(writer, 'not/there/yet.json.gz')).toMatchObject({ code: 0 })
    expect(lstatSync(at('not/there/yet.json.gz')).isFile()).toBe(true)
  })
})

describe('a metrics file', () => {
  const generate = (name: string) => [
    'generate-data',
    '-i',
    `${name}.yaml`,
    '-q',
    '--seed',
    '1',
    '-o',
    'metrics.json.gz',
  ]
  const metrics = async () => (await listMetrics(at('metrics.json.gz'))).map(({ name }) => name).sort()

  it('of which several commands want to write loses nothing: those that end well have all that they wrote in it', async () => {
    const results = await Promise.all(['a', 'b', 'a', 'b'].map((name) => run([...generate(name), '--yes'])))
    const written = ['a', 'b'].filter((_, i) => results[i].code === 0 || results[i + 2].code === 0)
    expect(await metrics()).toEqual(written)
    for (const { code, stderr } of results) {
      expect([0, 7]).toContain(code)
      if (code === 7) expect(stderr).toMatch(/^error: locked: process \d+ on host .+ holds metrics\.json\.gz\.lock\n/)
    }
  })

  it('is locked while a command writes it, for each that would; a killed one keeps nobody out', async () => {
    const { child, result } = startCli(generate('long'), { cwd: directory })
    while (!existsSync(at('metrics.json.gz.lock')) && child.exitCode === null) await sleep(2)
    child.kill('SIGSTOP')
    symlinkSync('metrics.json.gz', at('link.json.gz'))
    const locked = { code: 7, stderr: expect.stringContaining('holds metrics.json.gz.lock\n  wait for it to end') }
    expect(await run(generate('a'))).toMatchObject(locked)
    const backfill = [...writers.backfill, 'metrics.json.gz', '--state-dir']
    expect(await run([...backfill, 'elsewhere'], point)).toMatchObject(locked)
    expect(await write('backfill', 'link.json.gz')).toMatchObject({ code: 7 })
    child.kill('SIGKILL')
    await result
    expect(await run([...backfill, 'elsewhere'], point)).toMatchObject({ code: 0 })
    expect(await metrics()).toEqual(['m'])
    expect(existsSync(at('metrics.json.gz.lock'))).toBe(false)
  })

  it('is taken from a process on another host only when told to', async () => {
    const owner = JSON.stringify({ host: 'elsewhere', pid: 1, nonce: 'x' })
    for (const command of [generate('a'), [...writers.backfill, 'metrics.json.gz']]) {
      writeFileSync(at('metrics.json.gz.lock'), owner)
      expect(await run(command, point)).toMatchObject({ code: 7, stderr: expect.stringContaining('--take-over') })
      expect(readFileSync(at('metrics.json.gz.lock'), 'utf8')).toBe(owner)
      expect(await run([...command, '--take-over'], point)).toMatchObject({ code: 0 })
    }
    expect(await metrics()).toEqual(['a', 'm'])
  })
})
