import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full, min5, min20, min60, slotOf } from '../../../src/time/granularity.ts'
import { day, hour, minute } from '../../../src/time/range.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { allText } from '../../support/all-text.ts'
import { runCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type JavaNumber, valueHex } from './literal.ts'
import { type Bystander, type Bytes, bystander, literalLevels, times } from './support.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 20)
const range = { start, end: start + 3 * hour }
const env = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }

/** Fractions, milliseconds, negatives, integers beyond 2^53, two points in one second. */
const values = (host: string): [number, JavaNumber][] =>
  Array.from({ length: 180 }, (_, i): [number, JavaNumber] => [
    start + i * minute + (host === 'a' ? 0 : 250),
    host === 'a' ? BigInt(i - 90) : (i - 20) / 7 + 0.001,
  ])
const points = new Map<string, [number, JavaNumber][]>([
  ['web.a.cpu', [...values('a'), [start + 61_000, 2n ** 53n + 1n], [start + 61_999, -(2n ** 62n)]]],
  ['web.b.cpu', values('b')],
])
const tagged = [...points].flatMap(([name, all]) =>
  all.map(([time, value]) => `{"series":"cpu|host=${name.split('.')[1]}","time":${time},"value":${value}}`),
)
const fullBytes: Bytes = Object.fromEntries(
  [...points].flatMap(([name, all]) =>
    all.map(([time, value]) => [`${name} ${time}`, valueHex(value, typeof value === 'bigint' ? 'l' : 'n')]).sort(),
  ),
)
const slots = new Map<string, Map<number, JavaNumber>>()
for (const [name, all] of points) {
  for (const [time, value] of all) {
    const key = `${name} ${slotOf(min5, time)}`
    slots.set(key, (slots.get(key) ?? new Map()).set(time, value))
  }
}
const literal = literalLevels(slots)

export function backfillSuite(server: CassandraServer): void {
  describe('backfill into Cassandra', () => {
    let other: Bystander
    beforeAll(async () => {
      other = await bystander(server)
    })
    afterAll(() => other.close())

    const newFolder = () => mkdtempSync(join(root, 'case-'))
    const backfill = (keyspace: string, { cwd, stdin = tagged, args = [] as string[] }: Given) =>
      runCli(
        [
          ...['backfill', '--from', '-', '--to', `cassandra://${server.host}/${keyspace}`, '--output=json', '--quiet'],
          ...['--metric', 'cpu=web.{host}.cpu', ...times(range), ...args],
        ],
        { env, cwd, stdin: stdin.join('\n') },
      )
    interface Given {
      readonly cwd: string
      readonly stdin?: readonly string[]
      readonly args?: string[]
    }

    it('writes full values and rollups byte for byte as Blueflood would have, and reads all of them back', async () => {
      const keyspace = 'Backfill1'
      const cwd = newFolder()
      const given = { cwd, args: ['--granularity=full,5m,20m,60m', '--create-schema'] }
      const { code, stdout, stderr } = await backfill(keyspace, given)
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^state in \.retrofill/) })
      for (const granularity of [min5, min20, min60])
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
      expect(await other.bytes(full, keyspace)).toEqual(fullBytes)
      const { report } = JSON.parse(stdout)
      expect(report.push.verified).toBe(report.push.rows)
      expect(report.lossy).toBe(0)
      const [{ left }] = await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_full LIMIT 1`)
      expect(Math.abs(left - 5 * 86_400)).toBeLessThan(600)
    })

    it('writes rollups without the points, with other lifetimes, and nothing in a second run from the same lake', async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      const cwd = newFolder()
      const lake = join(cwd, 'lake')
      await runCli(['backfill', '--from=-', `--to=${lake}`, '--quiet'], { stdin: tagged.join('\n') })
      const run = (...args: string[]) =>
        runCli(
          [
            ...['backfill', '--from', lake, '--to', `cassandra://${server.host}/${keyspace}`, '--output=json'],
            ...['--granularity=5m,60m', '--metric=cpu=web.{host}.cpu', ...times(range), ...args],
          ],
          { env, cwd },
        )
      expect(await run('--ttl=none')).toMatchObject({ code: 0 })
      expect(await other.bytes(min5, keyspace)).toEqual(literal['5m'])
      expect(await other.bytes(min60, keyspace)).toEqual(literal['60m'])
      expect(await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_5m LIMIT 1`)).toEqual([
        expect.objectContaining({ left: null }),
      ])
      const again = JSON.parse((await run('--ttl=none')).stdout)
      expect(again.report).toMatchObject({ rows: 0, push: { rows: 0 }, chunks: { made: 0 } })
      await other.run(`TRUNCATE "${keyspace}".metrics_5m`)
      expect(await run('--ttl=none')).toMatchObject({ code: 4 })
      expect(await run('--ttl=none')).toMatchObject({ code: 0 })
      expect(await other.bytes(min5, keyspace)).toEqual(literal['5m'])
    })

    it('lets points live for what is left of their time, where it is told so', async () => {
      const keyspace = await other.newKeyspace('full')
      const days = Math.ceil((Date.now() - start) / day) + 100
      const given = { cwd: newFolder(), args: ['--ttl=remaining', `--ttl-days=full=${days}`] }
      expect(await backfill(keyspace, given)).toMatchObject({ code: 0 })
      const rows = await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_full`)
      expect(rows).toHaveLength(Object.keys(fullBytes).length)
      const expected = days * 86_400 - (Date.now() - start) / 1_000
      for (const { left } of rows) expect(Math.abs(left - expected)).toBeLessThan(4 * 3_600)
    })

    it('with a password that is wrong ends with 2, and the password is nowhere', async () => {
      const keyspace = await other.newKeyspace('full')
      const cwd = newFolder()
      const args = [
        'backfill',
        '--from=-',
        `--to=cassandra://${server.host}/${keyspace}`,
        '--metric=cpu=web.{host}.cpu',
      ]
      const wrong = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'geheim7Xq' }
      const { code, stdout, stderr } = await runCli(args, { env: wrong, cwd, stdin: tagged.join('\n') })
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/^error: .*(password|login|credentials)/im),
      })
      expect(`${stdout}${stderr}${allText(cwd)}`).not.toContain('geheim7Xq')
      expect(stderr).not.toMatch(/\n\s+at /)
    })

    it('reads only the hours that the keyspace lacks, and leaves rows of others that are to be kept', async () => {
      const keyspace = await other.newKeyspace('full')
      const held = Object.entries(fullBytes).filter(([key]) => !/ 13924155/.test(key))
      await other.put(full, keyspace, Object.fromEntries(held))
      const others = { [`web.a.cpu ${start}`]: valueHex(4.5, 'n') }
      await other.put(full, keyspace, others)
      const given = { cwd: newFolder(), args: ['--only-missing', '--every=1m', '--existing=keep'] }
      const { code, stdout } = await backfill(keyspace, given)
      expect(code).toBe(0)
      expect(JSON.parse(stdout).report).toMatchObject({ stretches: 1, chunks: { made: 1 } })
      expect(await other.bytes(full, keyspace)).toEqual({ ...fullBytes, ...others })
    })

    it.each([
      ['a series with tags', 'B', ['--metric=mem'], 2, 'Blueflood knows no tags: mem|host=a'],
      ['a table that is missing', 'B', ['--granularity=240m'], 2, 'no table metrics_240m'],
      ['a level without a table', 'B', ['--granularity=30m'], 2, 'Blueflood has no table of 30m'],
      ['a keyspace that is missing', 'Nowhere', [], 2, 'no keyspace "Nowhere"'],
      ['flags of another store', 'B', ['--create-tables'], 2, '--create-tables is for dynamodb://…'],
    ])('refuses %s', async (_what, keyspace, args, code, message) => {
      const name = keyspace === 'B' ? await other.newKeyspace('full') : keyspace
      const stdin = [...tagged, `{"series":"mem|host=a","time":${start},"value":1}`]
      const result = await backfill(name, { cwd: newFolder(), stdin, args })
      expect(result).toMatchObject({ code, stderr: expect.stringContaining(message) })
      expect(result.stderr).not.toMatch(/\n\s+at /)
    })
  })
}
