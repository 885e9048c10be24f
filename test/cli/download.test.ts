import { readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { formatTime, hour, minute } from '../../src/time/range.ts'
import { contentOf, digestsOf, emptyFolder, nameAt, namesBetween, start } from '../download/support.ts'
import { startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { startPublicS3 } from '../fakes/s3.ts'
import { md5, startFakeSwift } from '../fakes/swift.ts'
import { runCli, startCli } from '../support/cli.ts'

const times = ['--start-time', formatTime(start), '--end-time', formatTime(start + hour)]
const names = namesBetween(0, 20)

async function folders() {
  const [from, to] = [await emptyFolder(), await emptyFolder()]
  for (const name of names) await writeFile(join(from, name), contentOf(name))
  return { from, to, both: ['--from', from, '--to', to] }
}

const server = await startFakeSwift({ names, content: (name) => contentOf(name, 300_000), delay: 60 })
afterAll(() => server.stop())

describe('retrofill download', () => {
  it('prints what came, and exits with 0', async () => {
    const { both, to } = await folders()
    const { code, stdout, stderr } = await runCli(['download', ...both, ...times])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^files {6}20, .*kB\nfirst {6}.*\nlast .*\nthere {6}0\nfetched {4}20, /)
    expect(stdout).toMatch(/whole {6}yes\n$/)
    expect(await readdir(to)).toContain('.complete.json')
  })

  it('prints one JSON object with --output json', async () => {
    const { both } = await folders()
    const { stdout } = await runCli(['download', ...both, ...times, '--output', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({
      start,
      files: 20,
      fetched: 20,
      complete: true,
      failed: [],
      requests: {},
    })
  })

  it('only looks in a dry run', async () => {
    const { both, to } = await folders()
    const { code, stdout } = await runCli(['download', ...both, ...times, '--dry-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('to fetch   20, ')
    const told = JSON.parse((await runCli(['download', ...both, ...times, '--dry-run', '--output=json'])).stdout)
    expect(told).toMatchObject({ files: 20, toFetch: 20, toFetchBytes: told.bytes, already: 0 })
    expect(told).not.toHaveProperty('fetched')
    expect(await readdir(to)).toEqual([])
  })

  it('exits with 5 where there is nothing, with 0 where that is allowed', async () => {
    const { both } = await folders()
    const empty = ['download', ...both, '--start-time', '2001-01-01', '--end-time', '2001-01-02']
    expect((await runCli(empty)).code).toBe(5)
    expect((await runCli([...empty, '--allow-empty'])).code).toBe(0)
  })

  it('exits with 3 and the command to go on where something is left out', async () => {
    const { both, to } = await folders()
    await writeFile(join(to, '.last_marker'), names[4])
    const { code, stderr } = await runCli(['download', ...both, ...times, '--trust-marker'])
    expect(code).toBe(3)
    expect(stderr).toContain(`left out, and not known to be there: names after 20140225, up to ${names[4]}`)
    expect(stderr).toContain('to go on: retrofill download')
  })

  it('exits with 3 while the range is not over', async () => {
    const { both, from } = await folders()
    await writeFile(join(from, nameAt(Date.now() - start)), contentOf('now'))
    const { code, stderr } = await runCli(['download', ...both, '--start-time', '-1h', '--end-time', '+1h'])
    expect(code).toBe(3)
    expect(stderr).toContain('more files may come; --wait waits for them')
    expect(stderr).toMatch(/to go on: .* --start-time=\d{4}-\d\d-\d\dT\S+Z --end-time=\S+Z\n$/)
  })

  it.each([
    [['download'], 'no start of the range'],
    [['download', ...times], '--from is missing'],
    [['download', ...times, '--from', 'x'], '--to is missing'],
    [['download', ...times, '--from', '/nowhere/at/all', '--to', 'x'], 'directory not found: /nowhere/at/all'],
    [['download', ...times.slice(0, 3), formatTime(start), '--from', 'x', '--to', 'y'], 'empty range'],
    [['download', ...times, '--from', 'x', '--to', 'y', '--list-all', '--list-from', 'z'], 'exclude each other'],
    [['download', ...times, '--from', 'x', '--to', 's3://y'], 'invalid --to: expected a folder, got s3://y'],
    [['download', ...times, '--batch-size', '0'], 'expected a whole number from 1 up, got 0'],
    [['download', '--config', '/nowhere'], 'cannot read /nowhere: ENOENT'],
  ])('%# takes %j for a mistake: %s', async (args, message) => {
    const { code, stderr } = await runCli(args, { cwd: await emptyFolder() })
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('refuses to fetch a directory into itself, whatever it is called', async () => {
    const { from } = await folders()
    const link = join(await emptyFolder(), 'link')
    await symlink(from, link)
    for (const to of [from, join(from, '..', basename(from), '.'), link])
      for (const more of [[], ['--dry-run']]) {
        const { code, stderr } = await runCli(['download', '--from', from, '--to', to, ...times, ...more])
        expect({ code, stderr }).toEqual({
          code: 2,
          stderr: `error: source and destination are the same directory: ${to}\n  name another directory to fetch into\n`,
        })
      }
    expect(await readdir(from)).toEqual(names)
  })

  it('takes everything from a Blueflood configuration, and flags before it', async () => {
    const { to } = await folders()
    const config = join(await emptyFolder(), 'blueflood.conf')
    await writeFile(
      config,
      `CLOUDFILES_CONTAINER=none\nDOWNLOAD_DIR: ${to}\nBATCH_SIZE 3\nREPLAY_PERIOD_START=${start}\nREPLAY_PERIOD_STOP=0\n`,
    )
    const end = ['--end-time', formatTime(start + hour)]
    const options = { env: server.credentials, cwd: await emptyFolder() }
    const { code, stderr } = await runCli(['download', '--config', config, '--quiet', ...end], options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await readdir(to)).toEqual(expect.arrayContaining(names))
  })

  it('takes a public bucket of S3 without any keys, and signs nothing', async () => {
    const { to } = await folders()
    const s3 = await startPublicS3(new Map(names.map((name) => [`archive/${name}`, contentOf(name)])))
    const place = `s3://public/archive?endpoint=${s3.url}&anonymous=true`
    const { code, stderr } = await runCli(['download', '--from', place, '--to', to, ...times, '--quiet'])
    await s3.stop()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await digestsOf(to)).toEqual(Object.fromEntries(names.map((name) => [name, md5(contentOf(name))])))
    expect(s3.requests.length).toBeGreaterThan(names.length)
    for (const headers of s3.requests) expect(headers).not.toHaveProperty('authorization')
  })

  it('names a file of S3 that lies in cold storage, and fetches the others', async () => {
    const { to } = await folders()
    const s3 = await startPublicS3(new Map(names.map((name) => [name, contentOf(name)])))
    const proxy = await startFaultyProxy(s3.url)
    const body = '<Error><Code>InvalidObjectState</Code><Message>not valid for the storage class</Message></Error>'
    proxy.fault = ({ path }) => (path.includes(`/${names[3]}`) ? { status: 403, body } : undefined)
    const place = `s3://public?endpoint=${proxy.url}&anonymous=true`
    const { code, stderr } = await runCli(['download', '--from', place, '--to', to, ...times, '--quiet'])
    await Promise.all([proxy.stop(), s3.stop()])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(`^failed: ${names[3]}: .* in cold storage: restore it first\n`),
    })
    expect(Object.keys(await digestsOf(to))).toEqual(names.filter((name) => name !== names[3]))
  })

  it.each([
    [403, 'error: access denied: swift:///container\n  check the account and the container\n'],
    [401, 'error: the object storage refuses the token it was just given\n  check the account and the region\n'],
  ])('tells that Swift refuses what it was logged in with, by %d, and exits with 2', async (status, stderr) => {
    const { to } = await folders()
    const proxy = await startFaultyProxy(server.url)
    proxy.fault = ({ path }) => (path.includes('/auth/') ? undefined : { status })
    const env = { ...server.credentials, ST_AUTH: `${proxy.url}/auth/v1.0` }
    const args = ['download', '--from', 'swift:///container', '--to', to, ...times, '--quiet']
    const told = await runCli(args, { env })
    await proxy.stop()
    expect(told).toMatchObject({ code: 2, stderr })
  })

  it('lists from a name on where told to, and tells what that leaves out', async () => {
    const { both, to } = await folders()
    const { code, stderr } = await runCli(['download', ...both, ...times, '--list-from', names[14]])
    expect(code).toBe(3)
    expect(stderr).toContain(`names after 20140225, up to ${names[14]}`)
    expect(Object.keys(await digestsOf(to))).toEqual(names.slice(15))
  })

  it('ends where what it was told not to list keeps the rollup from removing files', async () => {
    const { from, both } = await folders()
    for (let at = 20; at < 90; at += 10) await writeFile(join(from, nameAt(at * minute)), contentOf('more'))
    const limits = ['--max-files', '22', '--buffered-slots', '0', '--before', '0ms', '--after', '0ms']
    const more = [...limits, '--list-from', names[2], '--batch-size', '1']
    const end = ['--start-time', formatTime(start), '--end-time', formatTime(start + 2 * hour)]
    const { code, stderr } = await runCli(['download', ...both, ...end, '--quiet', ...more])
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /^no room for \d+ more files: none is removed while what --list-from leaves out is missing\n/,
    )
  })

  it('takes limits that leave the rollup no room for a mistake', async () => {
    const { both } = await folders()
    for (const limit of [
      ['--max-disk', '1kB'],
      ['--max-files', '3'],
    ]) {
      const { code, stderr } = await runCli(['download', ...both, ...times, ...limit])
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /the reader needs up to [\d.]+ (kB|files) at once\n {2}give --max-(disk|files) \d+ or more\n/,
      )
    }
  })

  it('reads a secret from a file', async () => {
    const { to } = await folders()
    const file = join(to, 'secret')
    await writeFile(file, 'key\n')
    const { ST_KEY: _, ...env } = server.credentials
    const args = ['download', '--from', 'swift:///c', '--to', to, ...times, '--dry-run']
    expect((await runCli(args, { env })).code).toBe(2)
    expect((await runCli(args, { env: { ...env, ST_KEY_FILE: file } })).code).toBe(0)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`ends with 6 on ${signal}, and says how to go on`, async () => {
      const { to } = await folders()
      const same = `--start-time=${formatTime(start)} --end-time=${formatTime(start + hour)}`
      const args = ['download', '--from', 'swift:///c', '--to', to, '--batch-size', '2', ...same.split(' ')]
      const { child, result } = startCli(args, { env: server.credentials })
      const before = server.requests.length
      while (server.requests.length < before + 6) await sleep(10)
      child.kill(signal)
      const { code, stderr } = await result
      expect({ code, stderr }).toEqual({ code: 6, stderr: `interrupted\nto go on: retrofill ${args.join(' ')}\n` })
      expect((await runCli(args, { env: server.credentials })).code).toBe(0)
    })
})

describe('retrofill verify', () => {
  it('exits with 0 where all is alike, and with 4 where a file is missing, different or too many', async () => {
    const { both, from, to } = await folders()
    await runCli(['download', ...both, ...times])
    const alike = await runCli(['verify', ...both, ...times])
    expect(alike).toMatchObject({ code: 0, stdout: '20 of 20 files are the same, 0 missing, 0 different, 0 extra\n' })

    await rm(join(to, names[0]))
    await writeFile(join(to, names[1]), 'short')
    const content = await readFile(join(to, names[2]))
    content[50] ^= 1
    await writeFile(join(to, names[2]), content)
    await rm(join(from, names[3]))
    const { code, stdout } = await runCli(['verify', ...both, ...times])
    expect(code).toBe(4)
    expect(stdout.split('\n')).toEqual([
      `missing    ${names[0]}`,
      `extra      ${names[3]}`,
      `different  ${names[1]} (size)`,
      `different  ${names[2]} (content)`,
      '16 of 19 files are the same, 1 missing, 2 different, 1 extra',
      '',
    ])
  })

  it('compares the files of two directories byte by byte where nothing was recorded, broken ones too', async () => {
    const { both, from } = await folders()
    await writeFile(join(from, names[0]), contentOf(names[0]).subarray(0, -5))
    await runCli(['download', ...both, ...times, '--quiet'])
    for (const name of names) await utimes(join(from, name), 5, 5)
    expect(await runCli(['verify', ...both, ...times])).toMatchObject({
      code: 0,
      stdout: '20 of 20 files are the same, 0 missing, 0 different, 0 extra\n',
      stderr: '',
    })
    // Of the same size, and whole.
    await writeFile(join(from, names[2]), contentOf(names[3]))
    const { code, stdout } = await runCli(['verify', ...both, ...times])
    expect(code).toBe(4)
    expect(stdout).toBe(
      `different  ${names[2]} (content)\n19 of 20 files are the same, 0 missing, 1 different, 0 extra\n`,
    )
  })

  it.each(['in parts', 'encrypted'] as const)(
    'says of how many files of a bucket it knows no digest: those that are %s',
    async (kind) => {
      const { to } = await folders()
      for (const name of names) await writeFile(join(to, name), contentOf(name))
      const objects = new Map(names.map((name) => [`archive/${name}`, contentOf(name)]))
      const s3 = await startPublicS3(objects, kind)
      const place = `s3://public/archive?endpoint=${s3.url}&anonymous=true`
      const verify = () => runCli(['verify', '--from', place, '--to', to, ...times])
      expect(await verify()).toMatchObject({
        code: 0,
        stderr: 'of 20 files no digest is known: their sizes are right and they unpack\n',
      })
      const broken = contentOf(names[3])
      broken[50] ^= 1
      await writeFile(join(to, names[3]), broken)
      expect(await verify()).toMatchObject({
        code: 4,
        stdout: expect.stringMatching(`^different  ${names[3]} \\(content\\)\n19 of`),
      })
      await s3.stop()
    },
  )

  it('tells a file of the same size, and whole, from the one in a bucket', async () => {
    const { to } = await folders()
    for (const name of names) await writeFile(join(to, name), contentOf(name))
    const s3 = await startPublicS3(new Map(names.map((name) => [name, contentOf(name)])))
    await writeFile(join(to, names[2]), contentOf(names[3]))
    const place = `s3://public?endpoint=${s3.url}&anonymous=true`
    const { code, stdout } = await runCli(['verify', '--from', place, '--to', to, ...times])
    await s3.stop()
    expect(code).toBe(4)
    expect(stdout).toContain(`different  ${names[2]} (content)\n`)
  })

  it('knows digests by ETag where nothing was recorded', async () => {
    const { to } = await folders()
    for (const name of names) await writeFile(join(to, name), contentOf(name, 300_000))
    const remote = ['verify', '--from', 'swift:///c', '--to', to, ...times]
    expect(await runCli(remote, { env: server.credentials })).toMatchObject({ code: 0, stderr: '' })
  })
})
