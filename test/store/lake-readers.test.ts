import { readFileSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { arrange } from '../../src/metric/arrange.ts'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { allocateRollups, Integer, type RollupBatch, statistics } from '../../src/metric/rollups.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import { full, min5 } from '../../src/time/granularity.ts'
import { day, formatTime, hour } from '../../src/time/range.ts'
import { compareBytes } from '../../src/util/bytes.ts'
import { type Cell, parquetReaders, type ReadAnswer, startReader } from '../services/parquet-readers.ts'
import { serverOrSkip } from '../services/support.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles } from '../support/lakes.ts'
import { pointsOf, type Row, rowsOf } from '../support/rows.ts'

const start = Date.UTC(2014, 1, 14, 14)
const names = ['', 'a', 'naïve|zone=Süd', '日本', '日本|a=😀', '\uffff', '😀', '\u{10ffff}\u0000']
const doubles = [0.1, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e-310, 1e308, 4]
const integers = [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 2n ** 53n + 1n]

/** An hour of several row groups, and rows of the next day. Only the first row group has NaNs: the others have all statistics. */
function awkwardRollups(): RollupBatch {
  const perSeries = 13
  const series = Array.from({ length: 6_000 }, (_, i) => names[i] ?? `s${i}`)
  const batch = allocateRollups(perSeries * series.length, series)
  for (let i = 0; i < batch.length; i++) {
    const slot = i % perSeries
    batch.series[i] = Math.floor(i / perSeries)
    batch.time[i] = start + (slot < 12 ? slot * min5.size : day)
    batch.count[i] = i % 3 === 0 ? Number.MAX_SAFE_INTEGER : i
    for (const [s, name] of statistics.entries())
      batch[name][i] = i < 100 && i % 7 === s ? Number.NaN : i % 2 === 0 ? i / 7 : doubles[(i + s) % doubles.length]
    batch.integer[i] = i % 8
    if (i & Integer.mean) batch.meanInt[i] = integers[i % integers.length]
    if (i & Integer.min) batch.minInt[i] = integers[(i + 1) % integers.length]
    if (i & Integer.max) batch.maxInt[i] = BigInt(i)
  }
  return arrange([batch])
}

const awkwardPoints = (): PointBatch =>
  pointsOf(
    names.flatMap((name, n) =>
      [...doubles, Number.NaN, ...integers].map((value, i): Row => [name, start + n + i * hour, value]),
    ),
  )

/** A row as readers give it, by the names of its columns. */
type NamedRow = Readonly<Record<string, Cell>>

const place = (series: string, time: number): NamedRow => ({
  series,
  time: String(1_000 * time),
  date: formatTime(time).slice(0, 10),
})

function bitsOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

function rollupRows(batch: RollupBatch): NamedRow[] {
  const { dictionary, series, time, count, integer } = batch
  const exact = (values: BigInt64Array, i: number, bit: number) => (integer[i] & bit ? String(values[i]) : null)
  return Array.from(time, (at, i) => ({
    ...place(dictionary[series[i]], at),
    count: String(count[i]),
    ...Object.fromEntries(statistics.map((name) => [name, bitsOf(batch[name][i])])),
    mean_int: exact(batch.meanInt, i, Integer.mean),
    min_int: exact(batch.minInt, i, Integer.min),
    max_int: exact(batch.maxInt, i, Integer.max),
  }))
}

const pointRows = (batch: PointBatch): NamedRow[] =>
  rowsOf(batch).map(([series, time, value], i) => ({
    ...place(series, time),
    value: bitsOf(Number(value)),
    value_int: batch.kind[i] === Kind.double ? null : String(value),
  }))

/** Rows in canonical order, as texts. */
const textsOf = (rows: readonly NamedRow[]): string[] =>
  [...rows]
    .sort((a, b) => compareBytes(a.series ?? '', b.series ?? '') || Number(a.time) - Number(b.time))
    .map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => compareBytes(a, b))))

const rowsIn = ({ names, rows, error }: ReadAnswer): NamedRow[] => {
  if (error !== undefined) throw new Error(error)
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell])))
}

function expectSame(found: readonly NamedRow[], expected: readonly NamedRow[]): void {
  const [texts, wanted] = [textsOf(found), textsOf(expected)]
  expect(texts.length).toBe(wanted.length)
  // One by one, a hundred thousand comparisons take longer than all else.
  const differing = texts.findIndex((text, i) => text !== wanted[i])
  expect(texts[differing]).toBe(wanted[differing])
}

const rollups = awkwardRollups()
const points = awkwardPoints()
const kinds = [
  { granularity: min5, batch: rollups, rows: rollupRows(rollups), column: 'min', values: rollups.min },
  { granularity: full, batch: points, rows: pointRows(points), column: 'value', values: points.value },
]
const [from, below] = ['日本', 5]

/** A lake of both kinds, and a copy of its rollups with a bit flipped in the midst of each file, among its pages. */
async function makeLakes(): Promise<{ path: string; damaged: string }> {
  const folder = temporaryFolder()
  const [path, damaged] = [join(folder, 'lake'), join(folder, 'damaged')]
  const lake = await openLake({ path, job: 'job' })
  const range = { start, end: start + 2 * day }
  for (const { granularity, batch } of kinds) await lake.replace({ granularity, range, series: 'all' }, [batch])
  await cp(join(path, min5.name), damaged, { recursive: true })
  for (const file of lakeFiles(damaged)) {
    const bytes = readFileSync(join(damaged, file))
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(join(damaged, file), bytes)
  }
  return { path, damaged }
}

// Torture only: their packages have hundreds of megabytes.
describe.runIf(process.env.TORTURE).each(parquetReaders)('a lake in $name', (reader) => {
  let answers: ReadAnswer[] | undefined
  beforeAll(async () => {
    const read = await serverOrSkip(reader.name, () => startReader(reader))
    const { path, damaged } = await makeLakes()
    const requests = kinds.flatMap(({ granularity: { name }, column }) =>
      [null, { from, column, below }].map((where) => ({ folder: join(path, name), where })),
    )
    answers = await read?.([...requests, { folder: damaged, where: null }])
  }, 1_800_000)

  it.for(kinds)('has every value of $granularity.name as it was written', (kind, { skip }) => {
    if (!answers) return skip()
    expectSame(rowsIn(answers[2 * kinds.indexOf(kind)]), kind.rows)
  })

  it.for(kinds)('is searched for rows of $granularity.name by its statistics, and none is missed', (kind, { skip }) => {
    if (!answers) return skip()
    const isWanted = ({ series }: NamedRow, i: number) =>
      compareBytes(series ?? '', from) >= 0 && kind.values[i] < below
    const wanted = kind.rows.filter(isWanted)
    expect(wanted.length).toBeGreaterThan(0)
    expectSame(rowsIn(answers[2 * kinds.indexOf(kind) + 1]), wanted)
  })

  it('is not read where a bit of a page has changed', ({ skip }) => {
    if (!answers) return skip()
    expect(answers.at(-1)?.error).toMatch(/CRC checksum verification failed/)
  })
})
