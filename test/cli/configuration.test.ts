import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, lineAt, nameAt, start, writeFiles } from '../support/hand-made.ts'
import { lakeFiles } from '../support/lakes.ts'

const root = temporaryFolder()

/** A folder with an archive and a Blueflood configuration for its first hour. */
function setUp(more = '') {
  const folder = mkdtempSync(join(root, 'case-'))
  writeFiles(join(folder, 'in'), { [nameAt(1)]: gzip(lineAt(0)) })
  const text = `# of old
DOWNLOAD_DIR=${join(folder, 'in')}
REPLAY_PERIOD_START: ${start}
REPLAY_PERIOD_STOP=${start + 3_600_000 - 1}
ROLLUP_THREADS=50
CLOUDFILES_USER=jane
CLOUDFILES_KEY=very-secret
${more}`
  writeFileSync(join(folder, 'blueflood.conf'), text)
  return folder
}
const rollup = (folder: string, args: string[] = [], env = {}) =>
  runCli(['rollup', '--to', 'lake', ...args], { cwd: folder, env })

describe('a rollup with a Blueflood configuration', () => {
  it('takes it as it is, and says which keys it used', async () => {
    const folder = setUp('NOT_OURS=1')
    for (const name of ['blueflood.conf', `file:${folder}/blueflood.conf`, `file://${folder}/blueflood.conf`]) {
      const { code, stderr } = await rollup(folder, ['--config', name])
      expect(code).toBe(0)
      expect(stderr).toContain(
        'used CLOUDFILES_KEY, CLOUDFILES_USER, DOWNLOAD_DIR, REPLAY_PERIOD_START, REPLAY_PERIOD_STOP\n',
      )
      expect(stderr).toContain('not needed ROLLUP_THREADS\n')
      expect(stderr).toContain('not understood NOT_OURS\n')
      expect(stderr).not.toContain('very-secret')
    }
    // All levels, as Blueflood has them; those that the hour covers in part are not written.
    expect(lakeFiles(join(folder, 'lake')).map((path) => path.split('/')[0])).toEqual(['20m', '5m', '60m'])
  })

  it.each([
    ['before: long', 'error: --before: invalid duration: '],
    ['workers: 1.5', 'error: invalid --workers: expected a whole number'],
    ['late: never', 'error: invalid --late: expected reroll, drop, abort, got never'],
  ])('names the file that has a value which cannot be: %s', async (option, message) => {
    const folder = setUp()
    const path = join(folder, 'retrofill.yaml')
    writeFileSync(path, `rollup:\n  ${option}\n`)
    const flag = option.split(':')[0]
    for (const env of [{}, { [`RETROFILL_${flag.toUpperCase()}`]: option.split(' ')[1] }]) {
      const { code, stderr } = await rollup(folder, ['--from=in'], env)
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
      const source = Object.keys(env)[0] ?? 'retrofill.yaml'
      expect(stderr.trim().split('\n').at(-1)).toBe(`  --${flag} is set by ${source}`)
    }
  })

  it('takes the slot that REPLAY_PERIOD_STOP cuts, and not the one that starts there', async () => {
    const folder = setUp()
    const json = async (stop: number) => {
      const { stdout } = await rollup(folder, [
        '--config=blueflood.conf',
        `--set=REPLAY_PERIOD_STOP=${stop}`,
        '--dry-run',
        '--output=json',
      ])
      return JSON.parse(stdout).range.end - start
    }
    expect(await json(start + 300_001)).toBe(600_000)
    expect(await json(start + 300_000)).toBe(300_000)
  })

  it('warns that SHARDS limits the backfill too', async () => {
    const { code, stderr } = await rollup(setUp('SHARDS=1,2'), ['--config=blueflood.conf', '--quiet', '--allow-empty'])
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^warning: SHARDS=1,2 limits this backfill too/),
    })
  })

  it('lets flags go before --set, that before the environment, that before files, and says so', async () => {
    const folder = setUp('BATCH_SIZE=4')
    writeFileSync(join(folder, 'retrofill.yaml'), 'batch-size: 5\nrollup: { verify: none }\n')
    const won = async (args: string[], env = {}) => {
      const { stderr } = await rollup(folder, ['--config=blueflood.conf', ...args], env)
      return stderr.split('\n').filter((line) => line.startsWith('--batch-size'))
    }
    expect(await won([])).toEqual(['--batch-size: 4 of BATCH_SIZE of blueflood.conf goes before 5 of retrofill.yaml'])
    const env = { RETROFILL_BATCH_SIZE: '3' }
    expect((await won([], env))[0]).toMatch(/^--batch-size: 3 of RETROFILL_BATCH_SIZE goes before 4 of BATCH_SIZE/)
    expect((await won(['--set', 'BATCH_SIZE=2'], env))[0]).toMatch(/^--batch-size: 2 of --set BATCH_SIZE goes before 3/)
    expect((await won(['--set=BATCH_SIZE=2', '--batch-size', '1'], env))[0]).toMatch(
      /^--batch-size: 1 of the command line/,
    )
  })

  it.each([
    ['SHARDS=200', 'invalid SHARDS'],
    ['BATCH_SIZE=none', 'invalid BATCH_SIZE'],
    ['SHARDS=ALL\nSHARDS_TO_BACKFILL=1', 'contradiction: '],
    ['REPLAY_PERIOD_STOP=5', 'empty range'],
    ['ROLLUP_KEYSPACE=a-b', 'invalid ROLLUP_KEYSPACE'],
    ['CASSANDRA_BINXPORT_HOSTS=', 'invalid CASSANDRA_BINXPORT_HOSTS'],
    ['CASSANDRA_BINXPORT_PORT=none', 'invalid CASSANDRA_BINXPORT_PORT'],
    ['BASIC_ROLLUPS_MIN5=ten', 'invalid BASIC_ROLLUPS_MIN5'],
    ['METRICS_5M_ENABLED=no', 'METRICS_*_ENABLED: no level is enabled'],
  ])('with %j ends with 2 and one clear line', async (more, message) => {
    const { code, stdout, stderr } = await rollup(setUp(more), ['--config=blueflood.conf', '--quiet'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n( {2}[^\n]+\n)?$/)
    expect(stderr).toContain(message)
  })

  it('writes into Cassandra where nothing else is said, and ends with 1 and one clear line where it is down', async () => {
    const folder = setUp('CASSANDRA_BINXPORT_HOSTS=127.0.0.1:9\nCASSANDRA_PASSWORD=hidden-word')
    const { code, stderr } = await runCli(['rollup', '--config=blueflood.conf', '--quiet'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: no Cassandra answers at 127.0.0.1:9: [^\n]+\n {2}[^\n]+\n$/)
    expect(stderr).not.toContain('hidden-word')
  })

  it('refuses a section of a command that takes no files', async () => {
    const folder = setUp()
    writeFileSync(join(folder, 'retrofill.yaml'), 'backfill: {to: lake}\n')
    expect(await rollup(folder)).toMatchObject({
      code: 2,
      stderr: 'error: retrofill.yaml cannot hold options of backfill\n  it is for download, verify, rollup\n',
    })
  })

  it.each([
    [['--config=nowhere'], 'cannot read nowhere: ENOENT'],
    [['--config=blueflood.conf', '--set=BATCH_SIZE'], 'invalid --set: expected KEY=value, got BATCH_SIZE'],
  ])('with %j ends with 2', async (args, message) => {
    expect(await rollup(setUp(), args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  })
})

describe('retrofill config', () => {
  it('shows what each command would take, and no secret', async () => {
    const folder = setUp('BATCH_SIZE=4\nHELLO=1\nCASSANDRA_HOSTS=a:9160,b:9160\nCASSANDRA_PASSWORD=hidden-word')
    const { code, stdout } = await runCli(['config', '--config=blueflood.conf', '--set=BATCH_SIZE=6'], {
      cwd: folder,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/retrofill download\n(.*\n)*? {2}--batch-size=6 +--set BATCH_SIZE\n/)
    expect(stdout).toContain('--from=swift:///metric-data')
    expect(stdout).toMatch(/CLOUDFILES_KEY +\*\*\*/)
    expect(stdout).toMatch(/retrofill rollup\n(.*\n)*? {2}--to=cassandra:\/\/a:9042,b:9042\/DATA +CASSANDRA_HOSTS of/)
    expect(stdout).toContain('not understood HELLO')
    expect(stdout).not.toMatch(/very-secret|hidden-word/)
    const json = await runCli(['config', '--config=blueflood.conf', '--output=json'], { cwd: folder })
    expect(JSON.parse(json.stdout)).toMatchObject({
      commands: { rollup: { 'batch-size': [{ value: '4', source: 'BATCH_SIZE of blueflood.conf' }] } },
      credentials: { CLOUDFILES_USER: 'jane', CLOUDFILES_KEY: '***' },
    })
  })

  it('shows a flag of retrofill.yaml once for each value that it has, as the command takes it', async () => {
    const folder = setUp()
    writeFileSync(join(folder, 'retrofill.yaml'), 'verify:\n  metric: [cpu, "m,n=mem"]\n  tag: drop:host\n')
    const { stdout } = await runCli(['config'], { cwd: folder })
    expect(stdout).toMatch(/ {2}--metric=cpu --metric=m,n=mem +retrofill.yaml\n {2}--tag=drop:host +retrofill.yaml/)
    const day = '2026-01-01T00:00:00Z'
    const points = (...names: string[]) =>
      names.map((series) => JSON.stringify({ series, time: day, value: 1 })).join('\n')
    const put = ['backfill', '--from=-', '--to=copy', '--quiet']
    expect(await runCli(put, { cwd: folder, stdin: points('cpu', 'mem') })).toMatchObject({ code: 0 })
    expect(
      await runCli(['verify', '--from=-', '--to=copy'], { cwd: folder, stdin: points('cpu', 'm,n', 'other') }),
    ).toMatchObject({ code: 0, stdout: '2 of 2 series are the same, 2 points read\n' })
  })
})
