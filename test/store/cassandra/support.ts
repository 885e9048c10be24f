import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import driver from 'cassandra-driver'
import { compareNames, nameParser } from '../../../src/archive/names.ts'
import { shardOf } from '../../../src/archive/shards.ts'
import { chain, type Granularity, min5, slotOf } from '../../../src/time/granularity.ts'
import { contains, formatTime, type Range } from '../../../src/time/range.ts'
import { forEach } from '../../../src/util/concurrency.ts'
import { scan } from '../../archive/support.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { type BasicRollup, fromPoints, fromRollups, type JavaNumber, rollupHex, stored } from './literal.ts'

/** Rows of a table by `key column1`, as hexadecimal. */
export type Bytes = Readonly<Record<string, string>>

/** A server as somebody else sees it, past the code under test. */
export interface Bystander {
  run(cql: string, values?: unknown[]): Promise<driver.types.Row[]>
  bytes(granularity: Granularity, keyspace?: string): Promise<Bytes>
  /** Makes a keyspace with the tables of some levels, as Blueflood has them, and of locators. Resolves to its name. */
  newKeyspace(...levels: string[]): Promise<string>
  /** Puts rows, with the locators of their series. */
  put(granularity: Granularity, keyspace: string, rows: Bytes): Promise<void>
  close(): Promise<void>
}

let keyspaces = 0

export async function bystander({ host }: CassandraServer, login = 'cassandra'): Promise<Bystander> {
  const client = new driver.Client({
    contactPoints: [host],
    localDataCenter: 'datacenter1',
    credentials: { username: login, password: login },
    socketOptions: { readTimeout: 60_000 },
  })
  await client.connect()
  const run = async (cql: string, values: unknown[] = []) => {
    const rows: driver.types.Row[] = []
    let pageState: string | undefined
    do {
      const result = await client.execute(cql, values, { prepare: values.length > 0, pageState, fetchSize: 5_000 })
      rows.push(...(result.rows ?? []))
      pageState = result.pageState ?? undefined
    } while (pageState !== undefined)
    return rows
  }
  return {
    run,
    async bytes({ name }, keyspace = 'DATA') {
      const rows = await run(`SELECT key, column1, value FROM "${keyspace}".metrics_${name}`)
      const sorted = rows.map(({ key, column1, value }) => [`${key} ${column1}`, value.toString('hex')]).sort()
      return Object.fromEntries(sorted)
    },
    async newKeyspace(...levels) {
      const name = `Small${keyspaces++}`
      const key = 'PRIMARY KEY (key, column1)'
      await run(`CREATE KEYSPACE "${name}" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
      for (const level of levels)
        await run(
          `CREATE TABLE "${name}".metrics_${level} (key text, column1 bigint, value blob, ${key}) WITH COMPACT STORAGE`,
        )
      await run(`CREATE TABLE "${name}".metrics_locator (key bigint, column1 text, value text, ${key})`)
      return name
    },
    async put({ name }, keyspace, rows) {
      const row = `INSERT INTO "${keyspace}".metrics_${name} (key, column1, value) VALUES (?, ?, ?)`
      const locator = `INSERT INTO "${keyspace}".metrics_locator (key, column1, value) VALUES (?, ?, '')`
      const keys = Object.keys(rows).map(splitKey)
      const limit = { limit: 32 }
      await forEach(keys, limit, async ([series, time]) => {
        await run(row, [series, time, Buffer.from(rows[`${series} ${time}`], 'hex')])
      })
      await forEach(new Set(keys.map(([series]) => series)), limit, async (series) => {
        await run(locator, [shardOf(series), series])
      })
    },
    close: () => client.shutdown(),
  }
}

/** What Blueflood would write of an archive, by the literal specification: the bytes of every level. */
export const literalBytes = async (archive: string, range: Range): Promise<Record<string, Bytes>> =>
  literalLevels(await pointsBySlot(archive, range))

/** What Blueflood would write of points by series and 5m slot. */
export function literalLevels(slots: ReadonlyMap<string, ReadonlyMap<number, JavaNumber>>): Record<string, Bytes> {
  let rollups = new Map(
    [...slots].map(([key, points]) => [key, fromPoints([...points].sort(byTime).map(([, value]) => value))]),
  )
  const levels: Record<string, Bytes> = {}
  for (const granularity of chain) {
    if (granularity !== min5) rollups = coarser(rollups, granularity)
    const rows = [...rollups].map(([key, rollup]) => [key, rollupHex(rollup)])
    levels[granularity.name] = Object.fromEntries(rows.sort())
  }
  return levels
}

/** Points by series and 5m slot; of two in one millisecond the later one in canonical order. */
export async function pointsBySlot(archive: string, range: Range): Promise<Map<string, Map<number, JavaNumber>>> {
  const parse = nameParser()
  const names = readdirSync(archive).flatMap((name) => parse(name) ?? [])
  const slots = new Map<string, Map<number, JavaNumber>>()
  for (const { name } of names.sort(compareNames)) {
    const { points } = await scan(gunzipSync(readFileSync(join(archive, name))))
    for (const { series, time, value, exact } of points) {
      if (!contains(range, time)) continue
      const key = `${series} ${slotOf(min5, time)}`
      slots.set(key, (slots.get(key) ?? new Map()).set(time, exact ?? value))
    }
  }
  return slots
}

const byTime = ([a]: [number, JavaNumber], [b]: [number, JavaNumber]): number => a - b

function coarser(finer: ReadonlyMap<string, BasicRollup>, granularity: Granularity): Map<string, BasicRollup> {
  const groups = new Map<string, { time: number; rollup: BasicRollup }[]>()
  for (const [key, rollup] of finer) {
    const [series, time] = splitKey(key)
    const coarse = `${series} ${slotOf(granularity, time)}`
    groups.set(coarse, [...(groups.get(coarse) ?? []), { time, rollup: stored(rollup) }])
  }
  const merge = (group: { time: number; rollup: BasicRollup }[]) =>
    fromRollups(group.sort((a, b) => a.time - b.time).map(({ rollup }) => rollup))
  return new Map([...groups].map(([key, group]) => [key, merge(group)]))
}

/** The series, which may hold spaces, and the time of a key. */
export function splitKey(key: string): [series: string, time: number] {
  const at = key.lastIndexOf(' ')
  return [key.slice(0, at), Number(key.slice(at + 1))]
}

/** A range as flags. */
export const times = ({ start, end }: Range): string[] => [
  `--start-time=${formatTime(start)}`,
  `--end-time=${formatTime(end)}`,
]
