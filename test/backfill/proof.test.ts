import { mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Destination } from '../../src/backfill/query/options.ts'
import { type Summary, summaryOf, talliesOf } from '../../src/metric/summary.ts'
import { openLake } from '../../src/store/lake/lake.ts'
import { fileOf } from '../../src/store/lake/layout.ts'
import { metricsFileStore } from '../../src/store/metrics-file.ts'
import type { Store } from '../../src/store/store.ts'
import { full, min5 } from '../../src/time/granularity.ts'
import { hour, minute, type Range } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { rowSource, runBackfill } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import { memoryStore } from '../support/memory-store.ts'
import { pointsOf, type Row } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const hours = (from: number, to: number): Range => ({ start: start + from * hour, end: start + to * hour })
const folder = () => mkdtempSync(join(root, 'case-'))
const points = ['cpu|host=a', 'cpu|host=b', 'load'].flatMap((text, s) =>
  Array.from({ length: 24 }, (_, i): Row => [text, start + i * 10 * minute, s + i / 8]),
)
/** A point of the third hour, and what it is made to be. */
const [victim, forged]: Row[] = [points[24 + 13], ['cpu|host=b', start + 130 * minute, 99]]
const options = { range: hours(0, 4) }

/** A destination that somebody changes after it was written and before it is read back. */
interface Tampered {
  readonly name: string
  run(tamper: 'nothing' | 'change' | 'loss'): ReturnType<typeof runBackfill>
}

const destinations: readonly Tampered[] = [
  {
    name: 'a lake',
    async run(tamper) {
      const path = join(folder(), 'lake')
      const forgery = await openLake({ path: join(folder(), 'lake'), job: 'forger' })
      const others = points.filter(
        ([, time]) => time >= start + 2 * hour && time < start + 3 * hour && time !== victim[1] + 1,
      )
      const kept = others.flatMap((row): Row[] => (row !== victim ? [row] : tamper === 'loss' ? [] : [forged]))
      await forgery.replace({ granularity: full, range: hours(2, 3), series: 'all' }, [pointsOf(kept)])
      const bytes = await readFile(join(forgery.path, fileOf(full, hours(2, 3), 'forger')))
      const files = {
        ...nodeFiles,
        async rename(from: string, to: string) {
          await nodeFiles.rename(from, to)
          if (tamper !== 'nothing' && /full.*\/02\./.test(to)) await writeFile(to, bytes)
        },
      }
      return runBackfill(rowSource(points), { kind: 'lake', path }, options, { files })
    },
  },
  {
    name: 'a metrics file',
    run(tamper) {
      const path = join(folder(), 'metrics.json.gz')
      const store = metricsFileStore(path)
      const tampered = after(store, 'replace', async () => {
        const at = { start: victim[1], end: victim[1] + 1 }
        const place = { granularity: full, range: at, series: new Set([victim[0]]) }
        if (tamper !== 'nothing') await store.replace(place, tamper === 'loss' ? [] : [pointsOf([forged])])
      })
      return runBackfill(
        rowSource(points),
        { kind: 'file', path, store: tampered, state: `${path}.retrofill` },
        options,
      )
    },
  },
  {
    name: 'a store that is pushed to',
    run(tamper) {
      const store = memoryStore()
      const tampered = after(store, 'patch', async () => {
        const isThere = store.rows().some((row) => String(row) === String(victim))
        if (isThere && tamper === 'change') store.set(forged)
        if (isThere && tamper === 'loss') store.delete(victim[0], victim[1])
      })
      return runBackfill(rowSource(points), stored(tampered), options)
    },
  },
]

const stored = (store: Store): Destination => ({
  kind: 'store',
  name: 'test://store',
  store,
  settings: '',
  state: join(folder(), 'state'),
})

/** The same store, in which something happens after each call of a method. */
function after<S extends Store>(store: S, method: 'replace' | 'patch', happen: () => Promise<void>): Store {
  const call = store[method] as (...args: never[]) => Promise<unknown>
  return {
    ...store,
    [method]: async (...args: never[]) => {
      const receipt = await call(...args)
      await happen()
      return receipt
    },
  }
}

const summaryOfRows = (rows: readonly Row[]): Summary[] => [...talliesOf(pointsOf(rows)).values()].map(summaryOf)

describe.each(destinations)('the proof of a backfill into $name', ({ run }) => {
  it('tells of each series and of all together what was read and read back', async () => {
    const { exitCode, report } = await run('nothing')
    const texts = ['cpu|host=a', 'cpu|host=b', 'load']
    expect(exitCode).toBe(0)
    expect(report.proof).toEqual({
      chunks: 4,
      series: texts.map((series) => ({
        granularity: 'full',
        series,
        ...summaryOfRows(points.filter(([text]) => text === series))[0],
      })),
      differing: 0,
      different: [],
    })
    expect(report.totals).toMatchObject([
      { granularity: 'full', chunks: 4, proven: 4, count: 72, min: 0, max: 2 + 23 / 8 },
    ])
  })

  it.each(['change', 'loss'] as const)(
    'ends with 4 after a %s of a point, and names series and chunk',
    async (tamper) => {
      const { exitCode, report } = await run(tamper)
      expect(exitCode).toBe(4)
      expect(report.mismatched).toEqual([
        { granularity: 'full', range: hours(2, 3), reason: expect.stringContaining('cpu|host=b') },
      ])
      const read = points.filter(
        ([text, time]) => text === 'cpu|host=b' && time >= start + 2 * hour && time < start + 3 * hour,
      )
      const found = read.flatMap((row) => (row !== victim ? [row] : tamper === 'loss' ? [] : [forged]))
      const [sides] = [{ read: summaryOfRows(read)[0], found: summaryOfRows(found)[0] }]
      expect(report.proof?.different).toEqual([
        { granularity: 'full', range: hours(2, 3), series: 'cpu|host=b', ...sides },
      ])
      expect(report.totals).toMatchObject([{ proven: 3 }])
    },
  )
})

describe('the proof', () => {
  it('comes to the same, however the range is cut', async () => {
    const totals = await Promise.all(
      [1, 3].map(async (span) => {
        const source = rowSource(points, { limits: async () => ({ span: span * hour }) })
        const { report } = await runBackfill(source, { kind: 'lake', path: join(folder(), 'lake') }, options)
        return report.totals
      }),
    )
    expect(totals[0][0].hash).toBe(totals[1][0].hash)
  })

  it('is remembered of what an earlier run has done, and tells of rollups too', async () => {
    const to = { kind: 'lake', path: join(folder(), 'lake') } as const
    const both = { ...options, granularities: [full, min5] }
    const first = await runBackfill(rowSource(points), to, both)
    const second = await runBackfill(rowSource(points), to, both)
    expect(second.report.proof).toMatchObject({ chunks: 0, series: [] })
    expect(second.report.totals).toEqual(first.report.totals)
    expect(first.report.totals).toMatchObject([
      { granularity: 'full', proven: 4, count: 72 },
      { granularity: '5m', proven: 4, count: 72 },
    ])
  })

  it('finds again in a later run what has been changed in a store since', async () => {
    const store = memoryStore()
    const to = stored(store)
    await runBackfill(rowSource(points), to, options)
    store.set(forged)
    const { exitCode, report } = await runBackfill(rowSource(points), to, options)
    expect(exitCode).toBe(4)
    expect(report.proof?.different).toMatchObject([{ series: 'cpu|host=b', range: hours(2, 3) }])
    expect(await runBackfill(rowSource(points), to, options)).toMatchObject({ exitCode: 0 })
  })
})
