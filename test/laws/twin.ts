import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { compareNames, nameParser } from '../../src/archive/names.ts'
import { decodeRows } from '../../src/store/lake/table.ts'
import { type Granularity, slotOf } from '../../src/time/granularity.ts'
import { contains, type Range } from '../../src/time/range.ts'
import { scan } from '../archive/support.ts'
import { lakeFiles } from '../support/lakes.ts'

/** A rollup row as a plain object. */
export interface Row {
  readonly count: number
  readonly sum: number
  readonly mean: number
  readonly variance: number
  readonly min: number
  readonly max: number
}

/** Rows by `series time`. */
export type Table = ReadonlyMap<string, Row>

/** The rows of one granularity of a lake. */
export async function readTable(lake: string, { name: level }: Granularity): Promise<Table> {
  const table = new Map<string, Row>()
  for (const name of existsSync(lake) ? lakeFiles(lake) : []) {
    if (!name.startsWith(`${level}/`)) continue
    const rows = await decodeRows(readFileSync(join(lake, name)), name)
    for (let i = 0; i < rows.length; i++) {
      const [count, sum, mean] = [rows.count[i], rows.sum[i], rows.mean[i]]
      const [variance, min, max] = [rows.variance[i], rows.min[i], rows.max[i]]
      table.set(`${rows.dictionary[rows.series[i]]} ${rows.time[i]}`, { count, sum, mean, variance, min, max })
    }
  }
  return table
}

/** What the rows of an archive's range must be, worked out in the plainest way: all points in memory, two passes over each slot. */
export async function bruteForce(archive: string, granularity: Granularity, range: Range): Promise<Table> {
  const slots = new Map<string, number[]>()
  for (const [key, value] of [...(await pointsOf(archive))].sort(([a], [b]) => timeOf(a) - timeOf(b))) {
    if (!contains(range, timeOf(key))) continue
    const slot = `${key.slice(0, key.lastIndexOf(' '))} ${slotOf(granularity, timeOf(key))}`
    slots.set(slot, [...(slots.get(slot) ?? []), value])
  }
  return new Map([...slots].map(([slot, values]) => [slot, summarise(values)]))
}

const timeOf = (key: string): number => Number(key.slice(key.lastIndexOf(' ') + 1))

/** Values by `series time`; the later in canonical order counts. */
async function pointsOf(archive: string): Promise<Map<string, number>> {
  const parse = nameParser()
  const names = readdirSync(archive).flatMap((name) => parse(name) ?? [])
  const values = new Map<string, number>()
  for (const { name } of names.sort(compareNames)) {
    const { points } = await scan(gunzipSync(readFileSync(join(archive, name))), { kernel: 'general' })
    for (const { series, time, value } of points) values.set(`${series} ${time}`, value)
  }
  return values
}

function summarise(values: readonly number[]): Row {
  const count = values.length
  const sum = values.reduce((total, value) => total + value, 0)
  const mean = sum / count
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / count
  return { count, sum, mean, variance, min: Math.min(...values), max: Math.max(...values) }
}

/** What is wrong with some rows, by the tolerances of the comparison with other engines; empty where nothing is. */
export function differences(found: Table, expected: Table): string[] {
  const missing = [...expected.keys()].filter((key) => !found.has(key)).map((key) => `missing: ${key}`)
  const wrong = [...found].flatMap(([key, row]) => {
    const other = expected.get(key)
    if (!other) return [`not expected: ${key}`]
    return isAlike(row, other) ? [] : [`${key}: ${JSON.stringify(row)}, expected ${JSON.stringify(other)}`]
  })
  return [...missing, ...wrong]
}

const tolerance = 1e-12

function isAlike(a: Row, b: Row): boolean {
  const size = b.variance + b.mean ** 2
  const magnitude = b.count * Math.max(Math.abs(b.min), Math.abs(b.max))
  return (
    a.count === b.count &&
    a.min === b.min &&
    a.max === b.max &&
    Math.abs(a.sum - b.sum) <= tolerance * magnitude &&
    Math.abs(a.mean - b.mean) * b.count <= tolerance * magnitude &&
    Math.abs(a.variance - b.variance) <= tolerance * size
  )
}
