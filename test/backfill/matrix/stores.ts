import { join } from 'node:path'
import { caller } from '../../../src/bucket/caller.ts'
import { parseSeries } from '../../../src/metric/series.ts'
import { openSource } from '../../../src/source/registry.ts'
import { openForReading } from '../../../src/store/open.ts'
import { min5, slotOf } from '../../../src/time/granularity.ts'
import { second } from '../../../src/time/range.ts'
import { type Row, rowsOf, sorted } from '../../support/rows.ts'
import { named, nameTags, plain, typed } from './data.ts'

/** What a store holds, as the test compares it: points, or rollups as `[series, slot, count, sum, min, max]`. */
export type Held = readonly (readonly (string | number | bigint)[])[]

export interface MatrixStore {
  readonly name: string
  /** Whether it holds the points themselves, which can be compared. */
  readonly holdsPoints: boolean
  /** Where a cell of the matrix goes, and flags of its own. */
  to(cell: string): { readonly location: string; readonly flags: readonly string[] }
  /** Flags that give the series of a source names that the store takes. */
  shape(given: readonly Row[], cell: string): readonly string[]
  /** What the store is to hold of rows that a source gives. */
  expected(given: readonly Row[], cell: string): { readonly held: Held; readonly lossy: number }
  read(cell: string): Promise<Held>
}

const always = { start: -8.64e15, end: 8.64e15 }

async function readPoints(location: string, env: Record<string, string>, glob?: string): Promise<Row[]> {
  const context = { env, caller: caller(), stdin: process.stdin, now: Date.now }
  const { source } = await openSource(location, [], context)
  const rows: Row[] = []
  for await (const batch of source.read({ glob }, always)) rows.push(...rowsOf(batch))
  return plain(rows)
}

const isOfService = (text: string) => parseSeries(text).tags.some(([tag]) => tag === 'AZ')
const metricsOf = (rows: readonly Row[]) => [...new Set(rows.map(([text]) => parseSeries(text).name))]

/** For stores that know metric types and keys. */
const typedShape = (given: readonly Row[]) => [
  ...['--metric', ...metricsOf(given), '--metric-type=metadata'],
  ...(given.some(([text]) => isOfService(text)) ? ['--label=<{inst_type}, {AZ}>'] : []),
]

function typedStore(
  store: Pick<MatrixStore, 'name' | 'to' | 'read'>,
  hold: (rows: readonly Row[]) => Row[] = (rows) => [...rows],
): MatrixStore {
  return {
    ...store,
    holdsPoints: true,
    shape: typedShape,
    expected(given) {
      const rows = given.map(([text, ...rest]): Row => [typed(text), ...rest])
      return { held: plain(hold(rows)), lossy: countLost(rows, hold(rows)) }
    },
  }
}

/** Points that are not held just so. */
function countLost(rows: readonly Row[], held: readonly Row[]): number {
  const kept = new Set(plain(held).map(String))
  return plain(rows).filter((row) => !kept.has(String(row))).length
}

/** A double for every integer beyond 2^53. */
const asDoubles = (rows: readonly Row[]): Row[] => rows.map(([text, time, value]) => [text, time, Number(value)])

/** Whole seconds, and of two points in one the later one. */
function inSeconds(rows: readonly Row[]): Row[] {
  const seconds = new Map<string, Row>()
  for (const [text, time, value] of sorted(rows)) {
    const at = Math.floor(time / second) * second
    seconds.set(`${text} ${at}`, [text, at, value])
  }
  return [...seconds.values()]
}

function rolledUp(rows: readonly Row[]): Held {
  const slots = new Map<string, [string, number, number, number, number, number]>()
  for (const [text, time, exact] of sorted(rows)) {
    const slot = slotOf(min5, time)
    const value = Number(exact)
    const known = slots.get(`${text} ${slot}`)
    if (!known) slots.set(`${text} ${slot}`, [text, slot, 1, value, value, value])
    else {
      known[2]++
      known[3] += value
      known[4] = Math.min(known[4], value)
      known[5] = Math.max(known[5], value)
    }
  }
  return [...slots.values()]
}

/** Stores that are files. */
export const fileStores = (root: string): MatrixStore[] => {
  const path = (name: string) => (cell: string) => join(root, `${cell}${name}`)
  const [file, raw, rolled] = [path('.json.gz'), path('-raw'), path('-rolled')]
  const rolledStore = typedStore({
    name: 'a lake, rolled up',
    to: (cell) => ({ location: rolled(cell), flags: ['--granularity=5m'] }),
    async read(cell) {
      const rows: (string | number)[][] = []
      for await (const batch of (await openForReading(rolled(cell))).read({ granularity: min5 }, always)) {
        if (!('sum' in batch)) throw new Error('expected rollups')
        const { length, dictionary, series, time, count, sum, min, max } = batch
        for (let i = 0; i < length; i++) rows.push([dictionary[series[i]], time[i], count[i], sum[i], min[i], max[i]])
      }
      return rows
    },
  })
  return [
    typedStore(
      {
        name: 'a metrics file',
        to: (cell) => ({ location: file(cell), flags: [] }),
        read: (cell) => readPoints(file(cell), {}),
      },
      asDoubles,
    ),
    typedStore({
      name: 'a lake',
      to: (cell) => ({ location: raw(cell), flags: [] }),
      read: (cell) => readPoints(raw(cell), {}),
    }),
    {
      ...rolledStore,
      holdsPoints: false,
      expected: (given) => ({ held: rolledUp(given.map(([text, ...rest]): Row => [typed(text), ...rest])), lossy: 0 }),
    },
  ]
}

export const dynamoStore = (url: string, root: string, env: Record<string, string>): MatrixStore => {
  const location = (cell: string) => `dynamodb://us-west-2/${cell}_?endpoint=${url}`
  return typedStore(
    {
      name: 'DynamoDB',
      to: (cell) => ({ location: location(cell), flags: ['--create-tables', `--state-dir=${join(root, cell)}`] }),
      read: (cell) => readPoints(location(cell), env),
    },
    inSeconds,
  )
}

export const cassandraStore = (url: string, root: string): MatrixStore => {
  const prefix = (cell: string) => `${cell}.`
  const name = (cell: string, metric: string) =>
    `${metric}=${prefix(cell)}${metric}${nameTags.map((tag) => `{${tag}}`).join('')}`
  return {
    name: 'Cassandra',
    holdsPoints: true,
    to: (cell) => ({ location: url, flags: [`--state-dir=${join(root, cell)}`] }),
    shape: (given, cell) => ['--metric', ...metricsOf(given).map((metric) => name(cell, metric)), '--tag=drop:@type'],
    expected: (given, cell) => ({
      held: plain(given.map(([text, ...rest]): Row => [named(text, prefix(cell)), ...rest])),
      lossy: 0,
    }),
    read: (cell) => readPoints(url, {}, `${prefix(cell)}*`),
  }
}
