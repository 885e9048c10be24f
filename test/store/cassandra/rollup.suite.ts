import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../../examples/archive.js'
import { shardOf } from '../../../src/archive/shards.ts'
import { chain, min5, min60 } from '../../../src/time/granularity.ts'
import { hour } from '../../../src/time/range.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { type CliResult, runCli, startCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type Bystander, bystander, literalBytes, splitKey, times } from './support.ts'

const root = temporaryFolder()
const archive = join(root, 'archive')
const start = Date.UTC(2014, 1, 14, 20)
const range = { start, end: start + 4 * hour }
const levels = chain.map(({ name }) => name).join(',')
const env = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }

export function rollupSuite(server: CassandraServer): void {
  const { host } = server
  describe('rollup into Cassandra', () => {
    let other: Bystander
    let states = 0
    let small: string

    beforeAll(async () => {
      makeArchive({ directory: archive, start, files: 240, checks: 1, delayed: 0.02, repeated: 0.05, odd: true })
      other = await bystander(server)
      small = await other.newKeyspace('5m', '60m')
    })
    afterAll(() => other.close())

    const newState = () => `--state-dir=${mkdtempSync(join(root, `state-${states++}-`))}`
    const command = (keyspace: string, state: string, args: readonly string[] = []) => [
      ...['rollup', '--from', archive, '--to', `cassandra://${host}/${keyspace}`, '--workers=0', '--quiet'],
      ...[state, '--output=json', ...times(range), ...args],
    ]
    const rollup = (...args: Parameters<typeof command>): Promise<CliResult> => runCli(command(...args), { env })

    it('writes every level byte for byte as the literal specification has it, with Blueflood’s lifetimes', async () => {
      const done = await rollup('DATA', newState(), ['--create-schema', `--granularity=${levels}`, '--verify=full'])
      expect(done).toMatchObject({ code: 0 })
      const literal = await literalBytes(archive, range)
      // A slot that lies only partly in the range is not written.
      for (const granularity of chain.slice(0, 4))
        expect(await other.bytes(granularity)).toEqual(literal[granularity.name])
      expect(await other.bytes(chain[4])).toEqual({})
      const days = { '5m': 10, '20m': 20, '60m': 155, '240m': 300 }
      for (const [level, lifetime] of Object.entries(days)) {
        const [row] = await other.run(`SELECT ttl(value) AS left FROM "DATA".metrics_${level} LIMIT 1`)
        expect(Math.abs(row.left - lifetime * 86_400)).toBeLessThan(600)
      }
      const locators = await other.run('SELECT key, column1, ttl(value) AS left FROM "DATA".metrics_locator')
      const series = new Set(Object.keys(literal['5m']).map((key) => splitKey(key)[0]))
      expect(new Set(locators.map(({ column1 }) => column1))).toEqual(series)
      for (const { key, column1, left } of locators) {
        expect(Number(key)).toBe(shardOf(column1))
        expect(Math.abs(left - 604_800)).toBeLessThan(600)
      }
    })

    it('takes all that it needs from a Blueflood configuration, and coarser levels from the manual tool’s', async () => {
      const keyspace = await other.newKeyspace(...chain.map(({ name }) => name))
      const folder = mkdtempSync(join(root, 'conf-'))
      const login = 'CASSANDRA_USERNAME=cassandra\nCASSANDRA_PASSWORD=cassandra'
      const place = `CASSANDRA_HOSTS=127.0.0.1:19180\nCASSANDRA_BINXPORT_HOSTS=${host}\nROLLUP_KEYSPACE=${keyspace}\n${login}`
      const period = `REPLAY_PERIOD_START=${range.start}\nREPLAY_PERIOD_STOP=${range.end}`
      const others = 'BASIC_ROLLUPS_MIN20=30\nMAX_CASSANDRA_CONNECTIONS=75\nSOMETHING=else'
      writeFileSync(join(folder, 'blueflood.conf'), `${place}\n${period}\nDOWNLOAD_DIR=${archive}\n${others}\n`)
      writeFileSync(
        join(folder, 'manual.conf'),
        `${place}\nSTART_MILLIS=${range.start}\nSTOP_MILLIS=${range.end}\nMETRICS_1440M_ENABLED=true\n`,
      )
      const done = await runCli(['rollup', '--config', 'blueflood.conf'], { cwd: folder })
      expect(done).toMatchObject({ code: 0 })
      expect(done.stderr).toContain(
        'used BASIC_ROLLUPS_MIN20, CASSANDRA_BINXPORT_HOSTS, CASSANDRA_PASSWORD, CASSANDRA_USERNAME, DOWNLOAD_DIR, REPLAY_PERIOD_START, REPLAY_PERIOD_STOP, ROLLUP_KEYSPACE\n',
      )
      expect(done.stderr).toContain('not needed CASSANDRA_HOSTS, MAX_CASSANDRA_CONNECTIONS\n')
      expect(done.stderr).toContain('not understood SOMETHING\n')
      const literal = await literalBytes(archive, range)
      for (const granularity of chain.slice(0, 4))
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
      const [row] = await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_20m LIMIT 1`)
      expect(Math.abs(row.left - 30 * 86_400)).toBeLessThan(600)
      expect(await runCli(['rollup', '--config=manual.conf'], { cwd: folder })).toMatchObject({ code: 0 })
      expect(await other.bytes(chain[4], keyspace)).toEqual(literal['1440m'])
    })

    it('does nothing when it is run again, and pushes again when rows are to live otherwise', async () => {
      const [keyspace, state] = [await other.newKeyspace('5m', '60m'), newState()]
      await rollup(keyspace, state)
      const before = await other.bytes(min5, keyspace)
      const again = JSON.parse((await rollup(keyspace, state)).stdout)
      expect(again.report).toMatchObject({ rows: 0, push: { rows: 0 }, files: { read: 0 } })
      const longer = await rollup(keyspace, state, ['--ttl=none'])
      expect(JSON.parse(longer.stdout).report).toMatchObject({ rows: 0, push: { rows: Object.keys(before).length } })
      expect(await other.bytes(min5, keyspace)).toEqual(before)
      const [row] = await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_5m LIMIT 1`)
      expect(row.left).toBeNull()
    })

    it('says what it would do, and how fast at most, and asks nobody', async () => {
      const dry = (...args: string[]) =>
        runCli([
          'rollup',
          `--from=${archive}`,
          '--to=cassandra://127.0.0.1:9/DATA',
          '--dry-run',
          ...times(range),
          ...args,
        ])
      expect((await dry()).stdout).toMatch(/^pace +at most 50,000 rows a second/m)
      const { code, stdout } = await dry('--max-writes-per-second=7', '--output=json')
      expect({ code, plan: JSON.parse(stdout) }).toMatchObject({ code: 0, plan: { maxWritesPerSecond: 7 } })
    })

    it('has Blueflood make the coarser levels of recent rows, which may live as long as they would have', async () => {
      const recent = join(root, 'recent')
      const start = Math.floor(Date.now() / hour - 30) * hour
      makeArchive({ directory: recent, start, files: 20, checks: 1 })
      const to = `--to=cassandra://${host}/Marked`
      const args = ['--create-schema', '--mark-active', '--ttl=remaining', '--verify=full', newState()]
      const ends = times({ start, end: start + hour })
      expect(await runCli(['rollup', `--from=${recent}`, to, ...args, ...ends], { env })).toMatchObject({ code: 0 })
      const rows = await other.run('SELECT key, column1, ttl(value) AS left FROM "Marked".metrics_5m')
      const slotOf = (time: number, slots: number) =>
        Math.floor((slots * Math.floor((time % 1_209_600_000) / 300_000)) / 4_032)
      const states = new Set<string>()
      const delayed = new Set<string>()
      for (const { key, column1, left } of rows) {
        const [time, shard] = [Number(column1), shardOf(key)]
        expect(Math.abs(left - (time + 10 * 86_400_000 - Date.now()) / 1_000)).toBeLessThan(600)
        delayed.add(`metrics_20m,${slotOf(time, 1_008)},${shard} ${key}`)
        for (const [level, slots] of Object.entries({ '20m': 1_008, '60m': 336, '240m': 84, '1440m': 14 }))
          states.add(`${shard} metrics_${level},${slotOf(time, slots)},A`)
      }
      const keysOf = async (table: string) => {
        const found = await other.run(`SELECT key, column1 FROM "Marked".${table}`)
        return new Set(found.map(({ key, column1 }) => `${key} ${column1}`))
      }
      expect(states.size).toBeGreaterThan(0)
      expect(await keysOf('metrics_state')).toEqual(states)
      expect(await keysOf('metrics_delayed_locator')).toEqual(delayed)
    })

    it('writes no row whose life would be over by now', async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      const done = await rollup(keyspace, newState(), ['--ttl=remaining'])
      expect({ code: done.code, push: JSON.parse(done.stdout).report.push }).toMatchObject({
        code: 0,
        push: { rows: 0 },
      })
      expect(await other.bytes(min5, keyspace)).toEqual({})
    })

    it('takes shards, and leaves rows of other shards alone', async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      await rollup(keyspace, newState(), ['--shards=0-15', '--ttl=100'])
      const first = await other.bytes(min5, keyspace)
      expect(Object.keys(first).every((key) => shardOf(splitKey(key)[0]) < 16)).toBe(true)
      const stampsOf = () => other.run(`SELECT key, column1, writetime(value) AS at FROM "${keyspace}".metrics_5m`)
      const stamps = await stampsOf()
      await rollup(keyspace, newState(), ['--shards=16-127', '--no-locators'])
      expect(await other.bytes(min5, keyspace)).toMatchObject(first)
      const literal = (await literalBytes(archive, range))['5m']
      expect(await other.bytes(min5, keyspace)).toEqual(literal)
      const kept = (await stampsOf()).filter(({ key }) => shardOf(key) < 16)
      expect(kept.map(String).sort()).toEqual(stamps.map(String).sort())
      const locators = await other.run(`SELECT key FROM "${keyspace}".metrics_locator`)
      expect(locators.every(({ key }) => Number(key) < 16)).toBe(true)
    })

    it('finds a row that was changed behind its back, names it, and writes it again next time', async () => {
      const [keyspace, state] = [await other.newKeyspace('5m', '60m'), newState()]
      await rollup(keyspace, state)
      const before = await other.bytes(min5, keyspace)
      const [series, time] = splitKey(Object.keys(before)[7])
      const change = `UPDATE "${keyspace}".metrics_5m SET value = 0x0100 WHERE key = ? AND column1 = ?`
      await other.run(change.replace('0x0100', '0x01000000000000000000'), [series, time])
      const finding = await rollup(keyspace, state, ['--verify=full'])
      expect(finding.code).toBe(4)
      const [{ reason }] = JSON.parse(finding.stdout).report.mismatched
      expect(reason).toBe(`${series} at ${new Date(time).toISOString().replace('.000', '')} is not what was written`)
      expect(await rollup(keyspace, state, ['--verify=full'])).toMatchObject({ code: 0 })
      expect(await other.bytes(min5, keyspace)).toEqual(before)
    })

    it('keeps rows that are there, or those that count more, and counts them', async () => {
      const literal = (await literalBytes(archive, range))['5m']
      const [one, two] = Object.keys(literal).map(splitKey)
      const more = '017f006c2a016e0000000000000000026c2a036c2a0000000000004540'
      const less = '0101006c2a016e0000000000000000026c2a036c2a0000000000004540'
      const cases = {
        keep: [more, less],
        'larger-count': [more, literal[two.join(' ')]],
        replace: [one, two].map((key) => literal[key.join(' ')]),
      }
      const kept = { keep: 2, 'larger-count': 1, replace: 0 }
      const keyspace = await other.newKeyspace('5m', '60m')
      const set = `INSERT INTO "${keyspace}".metrics_5m (key, column1, value) VALUES (?, ?, ?)`
      for (const existing of ['keep', 'larger-count', 'replace'] as const) {
        for (const [[series, time], hex] of [
          [one, more],
          [two, less],
        ] as const)
          await other.run(set, [series, time, Buffer.from(hex, 'hex')])
        const done = await rollup(keyspace, newState(), [`--existing=${existing}`])
        expect(done).toMatchObject({ code: 0 })
        const { push } = JSON.parse(done.stdout).report
        expect(push).toMatchObject({ kept: kept[existing], larger: existing === 'replace' ? 0 : 1 })
        const found = await other.bytes(min5, keyspace)
        expect([one, two].map((key) => found[key.join(' ')])).toEqual(cases[existing])
      }
    })

    it('comes to the same rows wherever it is killed', async () => {
      const [keyspace, state] = [await other.newKeyspace('5m', '60m'), newState()]
      const args = ['--granularity=5m,60m', '--max-writes-per-second=1500']
      const moments = process.env.TORTURE === undefined ? 3 : 25
      for (let i = 1; i <= moments; i++) {
        const { child, result } = startCli(command(keyspace, state, args), { env })
        setTimeout(() => child.kill('SIGKILL'), (5_000 * i) / moments)
        await result
      }
      expect(await rollup(keyspace, state, ['--granularity=5m,60m', '--verify=full'])).toMatchObject({ code: 0 })
      const literal = await literalBytes(archive, range)
      for (const granularity of [min5, min60])
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
    })

    it.each<[string, (url: string) => string, readonly string[], number, RegExp]>([
      ['a keyspace that is not there', () => `cassandra://${host}/NOPE`, [], 2, /^no keyspace "NOPE"/],
      ['a table that is not there', (url) => url, ['--granularity=20m'], 2, /^no table metrics_20m in keyspace/],
      ['no keyspace', () => `cassandra://${host}`, [], 2, /^invalid Cassandra URL: expected a keyspace/],
      ['an unknown host', () => 'cassandra://no-such-host.invalid/DATA', [], 2, /^unknown host/],
      ['a server that is down', () => 'cassandra://127.0.0.1:9/DATA', [], 1, /^no Cassandra answers at 127.0.0.1:9/],
      ['an unknown data centre', (url) => `${url}?dc=elsewhere`, [], 2, /^no data centre elsewhere/],
      ['an unknown parameter', (url) => `${url}?colour=red`, [], 2, /^unknown parameter of a Cassandra URL: colour/],
      ['a password in the URL', () => `cassandra://a:b@${host}/DATA`, [], 2, /^a password does not belong into a URL/],
      ['a bad lifetime', (url) => url, ['--ttl=soon'], 2, /^invalid --ttl/],
      ['a policy for lakes', (url) => url, ['--existing=refuse'], 2, /^--existing refuse is for lakes/],
      ['a comparison for lakes', (url) => url, ['--verify=checksum'], 2, /^--verify checksum is for lakes/],
      ['a level without a table', (url) => url, ['--granularity=15m'], 2, /^Blueflood has no table of 15m/],
      [
        'marks of slots that are too old',
        (url) => url,
        ['--mark-active'],
        2,
        /^--mark-active is for data of the last 14 days/,
      ],
    ])('says in one line what is wrong with %s', async (_name, urlOf, args, code, message) => {
      const url = urlOf(`cassandra://${host}/${small}`)
      const found = await runCli(
        ['rollup', '--from', archive, '--to', url, '--quiet', newState(), ...times(range), ...args],
        { env },
      )
      const said = found.stderr.split('\n').find((line) => /^retrofill: |^error: /.test(line)) ?? found.stderr
      expect(found.code).toBe(code)
      expect(said.replace(/^\w+: /, '')).toMatch(message)
      expect(found.stderr).not.toMatch(/\n\s+at /)
    })

    it('says in one line that a login is wrong or missing', async () => {
      const login = (user: string, password: string) =>
        runCli(command(small, newState()), { env: { CASSANDRA_USERNAME: user, CASSANDRA_PASSWORD: password } })
      const wrong = await login('cassandra', 'secret-word')
      expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('refuses the login') })
      expect(wrong.stderr).not.toContain('secret-word')
      expect(await login('', '')).toMatchObject({ code: 2, stderr: expect.stringContaining('refuses the login') })
    })
  })
}
