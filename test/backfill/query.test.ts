import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Destination } from '../../src/backfill/query/options.ts'
import { TooLarge, Transient } from '../../src/bucket/bucket.ts'
import { selectPoints } from '../../src/metric/points.ts'
import type { MetricsFormat } from '../../src/metrics-file/write.ts'
import type { Source } from '../../src/source/source.ts'
import { metricsFileStore } from '../../src/store/metrics-file.ts'
import { full, min5, min60 } from '../../src/time/granularity.ts'
import { always, day, hour, minute, type Range } from '../../src/time/range.ts'
import { UserError } from '../../src/util/errors.ts'
import { opened, rowSource, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dropState, lakeFiles, parquetFiles } from '../support/lakes.ts'
import { type Row, sorted } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const at = (ms: number) => start + ms
const hours = (from: number, to: number): Range => ({ start: at(from * hour), end: at(to * hour) })
const place = (name = 'lake') => join(mkdtempSync(join(root, 'case-')), name)
const lake = (path = place()): Destination => ({ kind: 'lake', path })
const file = (path = place('metrics.json.gz'), format: MetricsFormat = 'plain'): Destination => ({
  kind: 'file',
  path,
  store: metricsFileStore(path, { format }),
  state: `${path}.retrofill`,
})
const pathOf = (to: Destination) => (to.kind === 'store' ? to.name : to.path)

/** Fractions, milliseconds, negatives, wide integers, keys, two points in one second. */
const rows: Row[] = [
  ['cpu|host=a', at(0), 0.1],
  ['cpu|host=a', at(1), -3],
  ['cpu|host=a', at(hour - 1), 2.5],
  ['cpu|host=a', at(3 * hour + 30 * minute), 1e-9],
  ['cpu|@key=<c3.xlarge\\, us-west-2a>,@type=metadata', at(2 * hour + 5), 7],
  ['load', at(hour), 2n ** 62n + 1n],
  ['load', at(5 * hour + 17), -5n],
]
const points = [...rows, ['load', at(2 * hour), 4.5] as Row]

describe('a backfill into a lake', () => {
  it('holds every point, and the same after a second run that reads nothing', async () => {
    const to = lake()
    const source = rowSource(points)
    const summary = await runBackfill(source, to, { range: hours(0, 6) })
    expect(summary).toMatchObject({ exitCode: 0, report: { points: points.length, verifiedRows: points.length } })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
    const asked = source.asked.length
    expect(await runBackfill(source, to, { range: hours(0, 6) })).toMatchObject({
      exitCode: 0,
      report: { stretches: 0, chunks: { upToDate: 6 } },
    })
    expect(source.asked).toHaveLength(asked)
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
  })

  it('never doubles or loses a point, however the range is split into runs and calls', async () => {
    const cut = fc.nat({ max: 6 * hour })
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 3 }), fc.integer({ min: 1, max: 4 }), async (cuts, span) => {
        const to = lake()
        const source = rowSource(points, { limits: async () => ({ span: span * hour }) })
        const places = [...new Set([0, ...cuts.sort((a, b) => a - b), 6 * hour])]
        for (const [i, end] of places.slice(1).entries())
          await runBackfill(source, to, { range: { start: at(places[i]), end: at(end) }, allowEmpty: true })
        expect(await storedRows(pathOf(to))).toEqual(sorted(points))
        for (const range of source.asked) expect(range.end - range.start).toBeLessThanOrEqual(span * hour)
      }),
      { numRuns: 8 },
    )
  })

  it('halves what the source calls too large, down to single points', async () => {
    const to = lake()
    const source = rowSource(points, { most: 1, limits: async () => ({ resolution: 1 }) })
    await runBackfill(source, to, { range: hours(0, 6) })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
  })

  it('halves the metrics where one slot of all is too large', async () => {
    const rows = ['a', 'b', 'c'].map((name, i): Row => [name, at(i), i])
    const whole = rowSource(rows)
    const source: Source = {
      ...whole,
      async *read(query, range, options) {
        if ((query.names ?? []).length > 1) throw new TooLarge('too many metrics')
        for await (const batch of whole.read(query, range, options))
          yield selectPoints(batch, (text) => query.names?.includes(text) ?? true)
      },
      limits: async () => ({ resolution: hour }),
    }
    const to = lake()
    const from = { ...opened(source), needsMetric: true }
    await runBackfill(source, to, { from, metrics: ['a', 'b', 'c'], range: hours(0, 2) })
    expect(await storedRows(pathOf(to))).toEqual(rows)
  })

  it('goes on where a part fails, names it, and makes it in the next run', async () => {
    const to = lake()
    const options = { range: hours(0, 6) }
    const limits = async () => ({ span: hour })
    const isBad = (range: Range) => (range.start === at(2 * hour) ? new Transient('server', 'busy') : undefined)
    const summary = await runBackfill(rowSource(points, { limits, fail: isBad }), to, options)
    expect(summary.exitCode).toBe(3)
    expect(summary.report.failed).toEqual([{ range: hours(2, 3), text: 'busy' }])
    expect(await storedRows(pathOf(to))).toHaveLength(points.length - 2)
    const source = rowSource(points, { limits })
    expect(await runBackfill(source, to, options)).toMatchObject({ exitCode: 0 })
    expect(source.asked).toEqual([hours(2, 3)])
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
  })

  it('tells of each part what the source has said of it, such as a coarser resolution', async () => {
    const source = rowSource(points, { limits: async () => ({ span: 3 * hour }) })
    const talkative: Source = {
      ...source,
      read(query, range, options) {
        if (range.start === at(0)) options?.onNotice?.('resolution is 5m')
        return source.read(query, range, options)
      },
    }
    const { report } = await runBackfill(talkative, lake(), { range: hours(0, 6) })
    expect(report.notices).toEqual([{ range: hours(0, 3), text: 'resolution is 5m' }])
  })

  it('stops at once where the command is wrong', async () => {
    const fail = () => new UserError('bad token', { exitCode: 2 })
    await expect(runBackfill(rowSource(points, { fail }), lake(), { range: hours(0, 6) })).rejects.toThrow('bad token')
  })

  it('reads the newest part first where it is told to', async () => {
    const source = rowSource(points, { limits: async () => ({ span: 2 * hour }) })
    await runBackfill(source, lake(), { range: hours(0, 6), order: 'newest-first', concurrency: 1 })
    expect(source.asked).toEqual([hours(4, 6), hours(2, 4), hours(0, 2)])
  })

  it('leaves out what has not settled, and says so', async () => {
    const source = rowSource(points, { limits: async () => ({ settling: 30 * minute, resolution: minute }) })
    const now = () => at(3.75 * hour + 30)
    const summary = await runBackfill(source, lake(), { range: hours(0, 6) }, { now })
    expect(summary).toMatchObject({ range: hours(0, 3.25), unsettledUntil: at(6 * hour), exitCode: 0 })
    await expect(runBackfill(source, lake(), { range: hours(4, 6) }, { now })).rejects.toThrow('nothing has settled')
  })

  it('can be interrupted while the source is asked for its limits', async () => {
    const control = new AbortController()
    const source = rowSource(points, {
      limits: async (_query, _range, { signal }) => {
        control.abort(new Error('stop'))
        signal?.throwIfAborted()
        throw new Error('limits without a signal')
      },
    })
    const run = runBackfill(source, lake(), { range: hours(0, 6) }, { signal: control.signal })
    await expect(run).rejects.toThrow('stop')
  })

  it('makes again what has other inputs, and never fewer points without consent', async () => {
    const to = lake()
    const options = { range: hours(0, 6) }
    await runBackfill(rowSource(points, { inputs: async () => 'first' }), to, options)
    const fewer = rowSource(points.slice(1), { inputs: async () => 'second' })
    expect(await runBackfill(fewer, to, options)).toMatchObject({ exitCode: 7, report: { refused: [{}] } })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
    expect(await runBackfill(fewer, to, { ...options, allowShrink: true })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points.slice(1)))
  })

  it('takes all there is of a source without a range', async () => {
    const to = lake()
    const summary = await runBackfill(rowSource(points), to)
    expect(summary).toMatchObject({ exitCode: 0, range: hours(0, 6) })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
    expect(await runBackfill(rowSource([]), lake())).toMatchObject({ exitCode: 5, range: undefined })
  })

  it('looks without a range at hours again that have vanished from the source’s ends', async () => {
    const to = lake()
    const run = (rows: readonly Row[], options: object = {}) =>
      runBackfill(rowSource(rows, { inputs: async () => `${rows.length}` }), to, options)
    await run(points)
    const left = points.filter(([, time]) => time >= at(hour) && time < at(5 * hour))
    expect(await run(left)).toMatchObject({
      exitCode: 7,
      report: { refused: [{ range: hours(0, 1) }, { range: hours(5, 6) }] },
    })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
    expect(await run(left, { allowShrink: true })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(sorted(left))
  })

  it('counts the points of hours that were refused', async () => {
    const to = lake()
    const run = (rows: readonly Row[]) =>
      runBackfill(rowSource(rows, { inputs: async () => `${rows.length}` }), to, { range: hours(0, 6) })
    await run(points)
    const { exitCode, report } = await run(points.slice(1))
    expect([exitCode, report.counts]).toEqual([
      7,
      { read: 7, written: 5, failed: 2, duplicate: 0, notWanted: 0, upToDate: 0 },
    ])
  })

  it.each([undefined, hours(0, 6)])('makes an hour again whose file is gone, in the range %j', async (range) => {
    const to = lake()
    await runBackfill(rowSource(points), to, { range })
    const gone = lakeFiles(pathOf(to)).find((name) => name.includes('/00.')) as string
    rmSync(join(pathOf(to), gone))
    expect(await runBackfill(rowSource(points), to, { range })).toMatchObject({ report: { chunks: { made: 1 } } })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
  })

  it('counts duplicates, of which the last stays, and points not asked for', async () => {
    const to = lake()
    const twice: Row[] = [...points, ['load', at(hour), 1.5]]
    const { report } = await runBackfill(rowSource(twice), to, { range: hours(0, 6), metrics: ['load', 'none'] })
    expect(report.counts).toMatchObject({ read: 9, written: 3, duplicate: 1, notWanted: 5 })
    expect(report.missingMetrics).toEqual(['none'])
    expect(await storedRows(pathOf(to))).toEqual([
      ['load', at(hour), 1.5],
      ['load', at(2 * hour), 4.5],
      ['load', at(5 * hour + 17), -5n],
    ])
  })

  it('takes again with refresh what the source has now', async () => {
    const to = lake()
    await runBackfill(rowSource(points), to, { range: hours(0, 6) })
    const changed = points.map(([text, time, value]): Row => [text, time, Number(value) + 0.5])
    await runBackfill(rowSource(changed), to, { range: hours(0, 6) })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
    const part = { start: at(hour + 1), end: at(2 * hour) }
    const source = rowSource(changed)
    await runBackfill(source, to, { range: hours(0, 6), refresh: part })
    expect(source.asked).toEqual([hours(1, 2)])
    const inPart = (row: Row) => row[1] >= at(hour) && row[1] < at(2 * hour)
    expect(await storedRows(pathOf(to))).toEqual(sorted(points.map((row, i) => (inPart(row) ? changed[i] : row))))
    await runBackfill(rowSource(changed), to, { range: hours(0, 6), refresh: always })
    expect(await storedRows(pathOf(to))).toEqual(sorted(changed))
  })

  it('does not lose with refresh what the source has let expire', async () => {
    const to = lake()
    await runBackfill(rowSource(points), to, { range: hours(0, 6) })
    const fewer = rowSource(points.slice(1))
    expect(await runBackfill(fewer, to, { range: hours(0, 6), refresh: always })).toMatchObject({
      exitCode: 7,
      report: { refused: [{ granularity: 'full', range: hours(0, 1) }] },
    })
    expect(await storedRows(pathOf(to))).toEqual(sorted(points))
  })

  it('reads only the hours that have holes, where only those are wanted', async () => {
    const to = lake()
    const regular = Array.from({ length: 36 }, (_, i): Row => ['m', at(i * 10 * minute), i + 0.5])
    const holed = regular.filter((_, i) => i !== 13 && i !== 30)
    await runBackfill(rowSource(holed), to, { range: hours(0, 6) })
    const source = rowSource(regular, { limits: async () => ({ span: hour }) })
    const options = { range: hours(0, 6), onlyMissing: {}, existing: 'replace' } as const
    await runBackfill(source, to, { ...options, concurrency: 1 })
    expect(source.asked).toEqual([hours(2, 3), hours(5, 6)])
    expect(await storedRows(pathOf(to))).toEqual(regular)
    expect(await runBackfill(source, to, options)).toMatchObject({ exitCode: 0 })
    expect(source.asked).toHaveLength(2)
  })

  it('takes no series over that would lose points, where only missing ones are wanted, unless it may shrink', async () => {
    const to = lake()
    const held = Array.from({ length: 36 }, (_, i): Row => ['m', at(i * 10 * minute), i + 0.5])
    const holed = held.filter((_, i) => i !== 13 && i !== 30)
    await runBackfill(rowSource(holed), to, { range: hours(0, 6) })
    const poorer = held.filter((_, i) => i === 13 || i > 29)
    const wanted = { range: hours(0, 6), onlyMissing: {}, existing: 'replace', concurrency: 1 } as const
    const options = { ...wanted, ...fromOther(poorer) }
    expect(await runBackfill(rowSource(poorer), to, options)).toMatchObject({
      exitCode: 7,
      report: {
        refused: [
          {
            range: hours(2, 3),
            reason: 'would take m over from another job, and lose points of it: the first at 2026-01-01T02:00:00Z',
          },
        ],
      },
    })
    expect(await storedRows(pathOf(to))).toEqual(held.filter((_, i) => i !== 13))
    expect(await runBackfill(rowSource(poorer), to, { ...options, allowShrink: true })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(held.filter((_, i) => i < 12 || i === 13 || i > 17))
  })

  it('takes no series over that has as many points, but at other times', async () => {
    const to = lake()
    const all = Array.from({ length: 6 }, (_, i): Row => ['m', at(i * 10 * minute), i + 0.5])
    const held = all.filter((_, i) => i !== 3)
    await runBackfill(rowSource(held), to, { range: hours(0, 1) })
    const other = all.filter((_, i) => i !== 4)
    const options = { range: hours(0, 1), onlyMissing: {}, existing: 'replace', ...fromOther(other) } as const
    expect(await runBackfill(rowSource(other), to, options)).toMatchObject({ exitCode: 7 })
    expect(await storedRows(pathOf(to))).toEqual(held)
  })

  it('loses no points that it took over with a part of an hour, though others would make up for them', async () => {
    const to = lake()
    const rowsAt = (series: string, value: number, minutes: readonly number[]) =>
      minutes.map((after): Row => [series, at(after * minute), value])
    await runBackfill(rowSource(rowsAt('m', 1, [0, 10, 20, 40])), to, { range: hours(0, 1) })
    const theirs = [...rowsAt('m', 2, [5, 30, 40, 50]), ...rowsAt('n', 2, [0, 10, 20, 40])]
    const options = { existing: 'replace', ...fromOther(theirs) } as const
    const part = { start: at(30 * minute), end: at(hour) }
    expect(await runBackfill(rowSource(theirs), to, { ...options, range: part })).toMatchObject({ exitCode: 0 })
    const both = [...rowsAt('m', 1, [0, 10, 20]), ...rowsAt('m', 2, [30, 40, 50]), ...rowsAt('n', 2, [40])]
    expect(await storedRows(pathOf(to))).toEqual(both)
    expect(await runBackfill(rowSource(theirs), to, { ...options, range: hours(0, 1) })).toMatchObject({
      exitCode: 7,
      report: { refused: [{ reason: 'would lose points of m: the first at 2026-01-01T00:00:00Z' }] },
    })
    expect(await storedRows(pathOf(to))).toEqual(both)
    const consented = { ...options, range: hours(0, 1), allowShrink: true }
    expect(await runBackfill(rowSource(theirs), to, consented)).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(theirs)
  })

  it('makes the levels of a series again that it takes back, though its points are those that it had', async () => {
    const to = lake()
    const rowsOf = (series: string, value: number) =>
      [0, 10, 20, 40].map((minutes): Row => [series, at(minutes * minute), value])
    const mine = [...rowsOf('m', 1), ...rowsOf('n', 1)]
    const theirs = rowsOf('m', 2)
    const levels = { range: hours(0, 1), granularities: [full, min5, min60], existing: 'replace' } as const
    const refresh = { refresh: hours(0, 1) }
    await runBackfill(rowSource(mine), to, levels)
    await runBackfill(rowSource(theirs), to, { ...levels, ...fromOther(theirs) })
    expect(await storedRows(pathOf(to))).toEqual([...theirs, ...rowsOf('n', 1)])
    expect(await runBackfill(rowSource(mine), to, { ...levels, ...refresh })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(mine)
    const { readLake } = await import('../../src/store/lake/lake.ts')
    for (const [granularity, length] of [[min5, 8] as const, [min60, 2] as const]) {
      const found: number[] = []
      for await (const batch of readLake(pathOf(to), { query: { granularity }, range: hours(0, 1) }))
        if ('mean' in batch) found.push(...batch.mean)
      expect(found).toEqual(Array(length).fill(1))
    }
  })

  it('finds nothing missing, and says that all is well, where others hold all', async () => {
    const to = lake()
    const regular = Array.from({ length: 36 }, (_, i): Row => ['m', at(i * 10 * minute), i + 0.5])
    await runBackfill(rowSource(regular), to, { range: hours(0, 6), metrics: ['m'] })
    const source = rowSource(regular)
    const options = { range: hours(0, 6), onlyMissing: {} }
    expect(await runBackfill(source, to, options)).toMatchObject({ exitCode: 0, report: { points: 0 } })
    expect(source.asked).toEqual([])
  })

  it('makes an hour again that a killed run has begun, though it has no hole any more', async () => {
    const to = lake()
    const regular = Array.from({ length: 36 }, (_, i): Row => ['m', at(i * 10 * minute), i + 0.5])
    const options = { range: hours(0, 6), granularities: [full, min60], onlyMissing: {} }
    await runBackfill(rowSource(regular), to, options)
    const path = pathOf(to)
    dropState(path, 'ledger.ndjson')
    const levels = () => lakeFiles(path).filter((file) => file.startsWith('60m'))
    for (const name of levels()) rmSync(join(path, name))
    const source = rowSource(regular)
    expect(await runBackfill(source, to, options)).toMatchObject({ exitCode: 0, report: { points: 36 } })
    expect(await storedRows(path)).toEqual(regular)
    expect(levels()).toHaveLength(1)
  })

  it('rolls up on the way, with the points or without, and moves between the two', async () => {
    const many = Array.from({ length: 300 }, (_, i): Row => ['m', at(i * minute), i])
    const to = lake()
    const source = rowSource(many)
    const options = { range: hours(0, 5), granularities: [min5, min60] }
    expect(await runBackfill(source, to, options)).toMatchObject({ exitCode: 0 })
    const path = pathOf(to)
    const counts = async (granularity: typeof min5) => {
      const { openForReading } = await import('../../src/store/open.ts')
      const found: [number, number][] = []
      for await (const batch of (await openForReading(path)).read({ granularity }, { start, end: start + day }))
        if ('sum' in batch) for (let i = 0; i < batch.length; i++) found.push([batch.count[i], batch.sum[i]])
      return found
    }
    const expected = (size: number) =>
      Array.from({ length: 300 / size }, (_, i) => [size, (size * (2 * i * size + size - 1)) / 2])
    expect(await counts(min5)).toEqual(expected(5))
    expect(await counts(min60)).toEqual(expected(60))
    expect(await storedRows(path)).toEqual([])
    const asked = source.asked.length
    await runBackfill(source, to, { ...options, granularities: [full, min5] })
    expect(source.asked).toHaveLength(asked)
    expect(await storedRows(path)).toEqual(many)
  })
})

describe('a backfill into a metrics file', () => {
  const floats = points.filter(([, , value]) => typeof value === 'number')

  it('holds every point and keeps those outside of the range and of other metrics', async () => {
    const to = file()
    const before: Row[] = [
      ['load', at(-hour), 1.5],
      ['load', at(7 * hour), 2.5],
      ['other', at(hour), 3.5],
    ]
    await runBackfill(rowSource(before), to)
    const summary = await runBackfill(rowSource(floats), to, { range: hours(0, 6), ...fromOther(floats) })
    expect(summary.exitCode).toBe(0)
    expect(await storedRows(pathOf(to))).toEqual(sorted([...before, ...floats]))
  })

  it('writes the same bytes twice', async () => {
    const to = file()
    const options = { range: hours(0, 6) }
    await runBackfill(rowSource(floats), to, options)
    const bytes = readFileSync(pathOf(to))
    await runBackfill(rowSource(floats), to, options)
    expect(readFileSync(pathOf(to))).toEqual(bytes)
  })

  it('asks before it loses points that others have written', async () => {
    const to = file()
    await runBackfill(rowSource([['load', at(30 * minute), 9.5]]), to)
    const run = (options: object = {}, effects: object = {}) =>
      runBackfill(rowSource(floats), to, { range: hours(0, 6), ...fromOther(floats), ...options }, effects)
    await expect(run()).rejects.toThrow(/has not written, such as load at 2026-01-01T00:30:00Z/)
    await expect(run({}, { confirm: async () => false })).rejects.toMatchObject({ exitCode: 7 })
    expect(await storedRows(pathOf(to))).toEqual([['load', at(30 * minute), 9.5]])
    expect(await run({ existing: 'replace' })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(sorted(floats))
  })

  it('asks again where others have since written into what it had published, though all of it is up to date', async () => {
    const to = file()
    const range = hours(0, 1)
    await runBackfill(rowSource([['load', at(0), 1.5]]), to, { range })
    const others: Row[] = [
      ['load', at(0), 1.5],
      ['load', at(5 * minute), 9.5],
    ]
    await runBackfill(rowSource(others), to, { range, ...fromOther(others) })
    await expect(runBackfill(rowSource([['load', at(0), 1.5]]), to, { range })).rejects.toThrow(
      /has not written, such as load at 2026-01-01T00:05:00Z/,
    )
    expect(await storedRows(pathOf(to))).toEqual(others)
  })

  it('asks for points of others of a series that joins the job’s later', async () => {
    const to = file()
    const run = (rows: readonly Row[], inputs: string) =>
      runBackfill(rowSource(rows, { inputs: async () => inputs }), to, { range: hours(0, 1) })
    const others: Row[] = [['late', at(7 * minute), 9.5]]
    const own: Row[] = [['load', at(0), 1.5]]
    await runBackfill(rowSource(others), to, { range: hours(0, 1), ...fromOther(others) })
    await run(own, 'first')
    await expect(run([...own, ['late', at(0), 2.5]], 'second')).rejects.toThrow(
      /has not written, such as late at 2026-01-01T00:07:00Z/,
    )
    expect(await storedRows(pathOf(to))).toEqual(sorted([...own, ...others]))
  })

  it('leaves what the file has of an hour whose staging file is gone, while that cannot be read again', async () => {
    const to = file()
    const limits = async () => ({ span: hour })
    const range = hours(0, 6)
    await runBackfill(rowSource(floats, { limits }), to, { range })
    const state = `${pathOf(to)}.retrofill`
    const staged = parquetFiles(state).filter((name) => /full.*\/00\./.test(name))
    for (const name of staged) rmSync(name)
    expect(staged).toHaveLength(1)
    const fail = ({ start }: Range) => (start === at(0) ? new Transient('server', 'busy') : undefined)
    expect(await runBackfill(rowSource(floats, { limits, fail }), to, { range })).toMatchObject({ exitCode: 3 })
    expect(await storedRows(pathOf(to))).toEqual(sorted(floats))
    expect(await runBackfill(rowSource(floats, { limits }), to, { range })).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(sorted(floats))
  })

  it('keeps the last point of a second, and whole seconds of the range, where times are cut to seconds', async () => {
    const to = file(place('cut.json.gz'), 'clusterman')
    const range = { start: at(500), end: at(hour) }
    const typed = (time: number, value: number): Row => ['load|@type=app_metrics', at(time), value]
    const source = rowSource([typed(600, 1.5), typed(900, 2.5), typed(1_000, 3.5), typed(1_999, 4.5)])
    const run = (options: object = {}) => runBackfill(source, to, { range, allowLossy: true, ...options })
    for (const options of [{}, {}, { refresh: always }])
      expect(await run(options)).toMatchObject({ exitCode: 0, range: { start: at(0), end: at(hour) } })
    expect(await storedRows(pathOf(to))).toEqual([typed(0, 2.5), typed(1_000, 4.5)])
    const text = gunzipSync(readFileSync(pathOf(to))).toString()
    expect(text.match(/"timestamp"/g)).toHaveLength(2)
  })

  it('asks nobody before it replaces what it has written itself, and takes out series that are gone', async () => {
    const to = file()
    const options = { range: hours(0, 1) }
    const run = (rows: readonly Row[], inputs: string) =>
      runBackfill(rowSource(rows, { inputs: async () => inputs }), to, options)
    const [a, b]: Row[][] = ['a', 'b'].map((text) => [0, 5, 10].map((time): Row => [text, at(time * minute), 1.5]))
    await run([...a.slice(0, 2), ...b.slice(0, 1)], 'first')
    const other: Row[] = [['other', at(minute), 2.5]]
    await runBackfill(rowSource(other), to, fromOther(other))
    const changed = a.map(([text, time]): Row => [text, time, 7.5])
    expect(await run(changed, 'second')).toMatchObject({ exitCode: 0 })
    expect(await storedRows(pathOf(to))).toEqual(sorted([...changed, ...other]))
  })

  it('refuses to round points without consent, and counts them', async () => {
    const wide: Row[] = [['load', at(0), 2n ** 62n + 1n]]
    await expect(runBackfill(rowSource(wide), file(), { range: hours(0, 1) })).rejects.toMatchObject({ exitCode: 7 })
    const to = file()
    const summary = await runBackfill(rowSource(wide), to, { range: hours(0, 1), allowLossy: true })
    expect(summary).toMatchObject({ exitCode: 0, report: { lossy: 1 } })
    expect(await storedRows(pathOf(to))).toEqual([['load', at(0), 2 ** 62]])
  })
})

/** Another job than that of the memory source. */
function fromOther(all: readonly Row[]) {
  return {
    from: opened(rowSource(all), 'other'),
  }
}
