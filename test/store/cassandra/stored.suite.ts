import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shardOf } from '../../../src/archive/shards.ts'
import { chain, full, min5, min20, slotOf } from '../../../src/time/granularity.ts'
import { hour } from '../../../src/time/range.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { runCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { fromPoints, fromRollups, type JavaNumber, rollupHex, stored, valueHex } from './literal.ts'
import { type Bystander, type Bytes, bystander, literalLevels, splitKey, times } from './support.ts'
import { startTlsProxy } from './tls-proxy.ts'

const root = temporaryFolder()
const start = Date.UTC(2014, 1, 14, 20)
const range = { start, end: start + 6 * hour }
const env = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }
const coarse = chain.slice(1)
const series = ['1.a', '1.b', '2.Aa', '2.BB', '3.ü', '4.gone']

/** A value every minute or so of each series: integers, doubles, and both in turn. */
function values(text: string): Map<number, JavaNumber> {
  const s = series.indexOf(text)
  const found = new Map<number, JavaNumber>()
  for (let minute = 0; minute < 360; minute += 1 + (s % 3)) {
    const value = ((minute * 7919 + s * 31) % 1_000) - 300
    found.set(start + minute * 60_000 + s, s % 3 === 0 || (s % 3 === 1 && minute % 2) ? BigInt(value) : value / 7)
  }
  return found
}

/** Points by series and 5m slot. */
const slots = new Map<string, Map<number, JavaNumber>>()
for (const text of series) {
  for (const [time, value] of values(text)) {
    const key = `${text} ${slotOf(min5, time)}`
    slots.set(key, (slots.get(key) ?? new Map()).set(time, value))
  }
}
const literal = literalLevels(slots)
const fullBytes: Bytes = Object.fromEntries(
  [...slots].flatMap(([key, points]) =>
    [...points].map(([time, value]) => [
      `${splitKey(key)[0]} ${time}`,
      valueHex(value, typeof value === 'bigint' ? 'l' : 'n'),
    ]),
  ),
)
const ofSeries = (rows: Bytes, ...wanted: string[]): Bytes =>
  Object.fromEntries(Object.entries(rows).filter(([key]) => wanted.includes(splitKey(key)[0])))

export function storedSuite(server: CassandraServer): void {
  const { host } = server
  describe('rollup from Cassandra', () => {
    let other: Bystander
    beforeAll(async () => {
      other = await bystander(server)
    })
    afterAll(() => other.close())

    const urlOf = (keyspace: string) => `cassandra://${host}/${keyspace}`
    const newState = () => mkdtempSync(join(root, 'state-'))
    const levels = coarse.map(({ name }) => name).join(',')
    const rollup = (from: string, to: string, args: readonly string[] = []) =>
      runCli(['rollup', `--from=${from}`, `--to=${to}`, '--output=json', ...times(range), ...args], {
        env,
        cwd: newState(),
      })
    /** A keyspace that holds the 5m rollups of all series. */
    const filled = async () => {
      const keyspace = await other.newKeyspace('5m', '20m', '60m', '240m', '1440m')
      await other.put(min5, keyspace, literal['5m'])
      return keyspace
    }

    it('makes the coarser levels byte for byte as the literal specification has them, and nothing the second time', async () => {
      const keyspace = await filled()
      const state = `--state-dir=${newState()}`
      const args = [`--granularity=${levels}`, '--verify=full', state]
      const done = await rollup(urlOf(keyspace), urlOf(keyspace), args)
      expect(done).toMatchObject({ code: 0 })
      for (const granularity of coarse)
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
      const again = await rollup(urlOf(keyspace), urlOf(keyspace), args)
      expect(JSON.parse(again.stdout).report).toMatchObject({ rows: 0, push: { rows: 0 }, chunks: { made: 0 } })
    })

    it('makes again what has other rows below it, and leaves alone what has lost some', async () => {
      const keyspace = await filled()
      const args = ['--granularity=20m', `--state-dir=${newState()}`]
      await rollup(urlOf(keyspace), urlOf(keyspace), args)
      const [key] = Object.keys(literal['5m'])
      const [text, time] = splitKey(key)
      const slot = fromPoints([1n, 5n, 9_000n, ...[...(slots.get(key)?.values() ?? [])]])
      await other.put(min5, keyspace, { [key]: rollupHex(slot) })
      expect(await rollup(urlOf(keyspace), urlOf(keyspace), args)).toMatchObject({ code: 0 })
      const changed = await other.bytes(min20, keyspace)
      const coarser = `${text} ${slotOf(min20, time)}`
      expect(changed[coarser]).not.toBe(literal['20m'][coarser])
      expect({ ...changed, [coarser]: '' }).toEqual({ ...literal['20m'], [coarser]: '' })
      await other.run(`TRUNCATE "${keyspace}".metrics_5m`)
      const left = await rollup(urlOf(keyspace), urlOf(keyspace), args)
      expect(left).toMatchObject({ code: 0 })
      expect(JSON.parse(left.stdout).report).toMatchObject({ rows: 0, refused: [], push: { rows: 0 } })
      expect(await other.bytes(min20, keyspace)).toEqual(changed)
    })

    it('takes shards, globs, and named series that Blueflood has forgotten', async () => {
      const keyspace = await filled()
      await other.run(`DELETE FROM "${keyspace}".metrics_locator WHERE key = ? AND column1 = ?`, [
        shardOf('4.gone'),
        '4.gone',
      ])
      const held = async () => {
        const rows = await other.bytes(min20, keyspace)
        await other.run(`TRUNCATE "${keyspace}".metrics_20m`)
        return rows
      }
      const run = async (...args: string[]) => {
        await rollup(urlOf(keyspace), urlOf(keyspace), ['--granularity=20m', '--no-locators', ...args])
        return held()
      }
      const known = series.slice(0, -1)
      expect(await run()).toEqual(ofSeries(literal['20m'], ...known))
      const low = known.filter((text) => shardOf(text) < 64)
      expect(low.length).toBeGreaterThan(0)
      expect(await run('--shards=0-63')).toEqual(ofSeries(literal['20m'], ...low))
      expect(await run('--series=1.*')).toEqual(ofSeries(literal['20m'], '1.a', '1.b'))
      expect(await run('--series=4.gone')).toEqual(ofSeries(literal['20m'], '4.gone'))
      const list = join(root, 'locators')
      writeFileSync(list, '4.gone\n3.ü\n')
      expect(await run(`--series-file=${list}`)).toEqual(ofSeries(literal['20m'], '4.gone', '3.ü'))
    })

    it('makes 5m rollups, and the levels above them, of full values', async () => {
      const keyspace = await other.newKeyspace('full', '5m', '20m', '60m')
      await other.put(full, keyspace, fullBytes)
      const done = await rollup(urlOf(keyspace), urlOf(keyspace), ['--granularity=5m,20m,60m'])
      expect(done).toMatchObject({ code: 0 })
      for (const granularity of chain.slice(0, 3))
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
    })

    it('leaves empty rollups out, or takes them in, and the slot at the end, where it is to be as Blueflood', async () => {
      const keyspace = await other.newKeyspace('5m', '20m')
      const slot = (minutes: number, ...points: bigint[]) => [start + minutes * 60_000, fromPoints(points)] as const
      const finer = [slot(0), slot(5, 10n, 20n), slot(10), slot(20, 30n), slot(40, 5n), slot(45)]
      await other.put(min5, keyspace, Object.fromEntries(finer.map(([time, row]) => [`1.a ${time}`, rollupHex(row)])))
      const made = async (...args: string[]) => {
        const ends = ['--granularity=20m', ...times({ start, end: start + 40 * 60_000 }), ...args]
        const flags = [`--from=${urlOf(keyspace)}`, `--to=${urlOf(keyspace)}`, ...ends]
        expect(await runCli(['rollup', ...flags], { env, cwd: newState() })).toMatchObject({ code: 0 })
        return other.bytes(min20, keyspace)
      }
      const hex = (...places: number[]) => rollupHex(fromRollups(places.map((place) => stored(finer[place][1]))))
      const key = (minutes: number) => `1.a ${start + minutes * 60_000}`
      expect(await made()).toEqual({ [key(0)]: hex(1), [key(20)]: hex(3) })
      expect(await made('--compat=blueflood')).toEqual({
        [key(0)]: hex(0, 1, 2),
        [key(20)]: hex(3),
        [key(40)]: hex(4, 5),
      })
    })

    it('rolls into a lake, which can be read and rolled up further', async () => {
      const keyspace = await filled()
      const [lake, coarser] = [join(newState(), 'lake'), join(newState(), 'lake')]
      expect(await rollup(urlOf(keyspace), lake, ['--granularity=20m'])).toMatchObject({ code: 0 })
      expect(await rollup(lake, coarser, ['--granularity=60m'])).toMatchObject({ code: 0 })
      const copy = await other.newKeyspace('60m')
      const once = await rollup(urlOf(keyspace), urlOf(copy), ['--granularity=60m'])
      expect(once).toMatchObject({ code: 5 })
      const args = ['--granularity=60m', '--output=csv']
      const rows = await runCli(['read', coarser, ...args])
      expect(rows.stdout.split('\n')).toHaveLength(1 + Object.keys(literal['60m']).length + 1)
    })

    it('prints rows of a keyspace', async () => {
      const keyspace = await filled()
      const args = ['--series=1.a', '--output=ndjson']
      const { code, stdout } = await runCli(['read', urlOf(keyspace), ...args], { env })
      expect(code).toBe(0)
      const found = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      expect(found).toHaveLength(Object.keys(ofSeries(literal['5m'], '1.a')).length)
      expect(found[0]).toMatchObject({ series: '1.a', count: 5 })
    })

    it('is read over encrypted connections, from servers that the authority knows', async () => {
      const keyspace = await filled()
      const proxy = await startTlsProxy(host, newState())
      try {
        const read = (parameters: string) =>
          runCli(['read', `cassandra://${proxy.host}/${keyspace}?${parameters}`, '--series=1.a'], { env })
        expect(await read(`ca=${proxy.authority}`)).toMatchObject({ code: 0, stdout: expect.stringContaining('1.a') })
        const unknown = /^error: no Cassandra answers at \S+: self-signed certificate/
        expect(await read('tls=true')).toMatchObject({ code: 1, stderr: expect.stringMatching(unknown) })
        expect(await read('ca=nowhere.pem')).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('nowhere.pem: ENOENT'),
        })
      } finally {
        await proxy.close()
      }
    })

    it.each<[string, readonly string[], RegExp]>([
      ['no range', [], /no range/],
      [
        'two lists of series',
        ['--series=a', '--series-file=b', ...times(range)],
        /--series and --series-file: give one/,
      ],
      ['no file of that name', ['--series-file=nowhere', ...times(range)], /cannot read nowhere: ENOENT/],
      ['two kinds of mean', ['--compat=blueflood', '--mean=exact', ...times(range)], /--compat blueflood contradicts/],
      ['following a store', ['--follow', ...times(range)], /--follow needs a directory/],
    ])('refuses %s', async (_name, args, message) => {
      const flags = [`--from=${urlOf('DATA')}`, `--to=${urlOf('DATA')}`, '--granularity=20m']
      const { code, stderr } = await runCli(['rollup', ...flags, ...args], { env, cwd: newState() })
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
    })
  })
}
