import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kind, type PointBatch } from '../../src/metric/points.ts'
import { metricsFileStore } from '../../src/store/metrics-file.ts'
import type { SeriesSelector } from '../../src/store/store.ts'
import { full, min5 } from '../../src/time/granularity.ts'
import type { Range } from '../../src/time/range.ts'
import { storeContract } from '../contract/store.ts'
import { loadMetrics } from '../metrics-file/metrics.ts'
import { temporaryFolder } from '../support/folders.ts'

type Row = readonly [series: string, time: number, value: number]

const always = { start: 0, end: 1e6 }

function batch(rows: readonly Row[]): PointBatch {
  const dictionary = [...new Set(rows.map(([series]) => series))]
  return {
    input: 'test',
    length: rows.length,
    dictionary,
    series: Uint32Array.from(rows, ([series]) => dictionary.indexOf(series)),
    time: Float64Array.from(rows, ([, time]) => time),
    value: Float64Array.from(rows, ([, , value]) => value),
    kind: new Uint8Array(rows.length).fill(Kind.int32),
  }
}

const byText = (a: Row, b: Row) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1])

function newStore() {
  const directory = temporaryFolder()
  const path = join(directory, 'metrics.json.gz')
  const store = metricsFileStore(path)
  return {
    directory,
    path,
    store,
    replace: (rows: readonly Row[], range: Range = always, series: SeriesSelector = 'all') =>
      store.replace({ granularity: full, range, series }, rows.length > 0 ? [batch([...rows].sort(byText))] : []),
    async rows(): Promise<Row[]> {
      const read: Row[] = []
      for await (const part of store.read({ granularity: full }, always)) {
        const points = part as PointBatch
        for (let i = 0; i < points.length; i++)
          read.push([points.dictionary[points.series[i]], points.time[i], points.value[i]])
      }
      return read.sort(byText)
    },
  }
}

const root = temporaryFolder()
storeContract('a metrics file', { granularity: full, isFinite: true, hasWriters: false, usesFileSystem: false }, () => {
  const path = join(mkdtempSync(join(root, 'case-')), 'metrics.json.gz')
  return { open: async () => metricsFileStore(path) }
})

describe('metricsFileStore', () => {
  it('folds keys into objects and types into sections', async () => {
    const { replace, path, directory } = newStore()
    const receipt = await replace([
      ['c|@key=x,@type=metadata,pool=p', 0, 1],
      ['c|@key=y,@type=metadata,pool=p', 0, 2],
      ['c|@key=,@type=metadata,pool=p', 2, Number.NaN],
      ['c|@key=y,@type=metadata,pool=p', 1, 3],
      ['runs|@type=app_metrics', 5, 4],
      ['other|@type=metadata', 6, 5],
      ['flat', 7, 6],
    ])
    expect(await loadMetrics(path)).toEqual({
      metadata: {
        'c|pool=p': [
          [0, { x: 1, y: 2 }],
          [1, { y: 3 }],
          [2, {}],
        ],
        other: [[6, 5]],
      },
      app_metrics: { runs: [[5, 4]] },
      '-': { flat: [[7, 6]] },
    })
    expect(receipt).toEqual({ rows: 7, bytes: readFileSync(path).length })
    expect(readdirSync(directory)).toEqual(['metrics.json.gz'])
  })

  it('replaces the rows of the range and series named, and no others', async () => {
    const { replace, rows } = newStore()
    await replace([
      ['a', 1, 1],
      ['a', 2, 2],
      ['b', 1, 3],
      ['b', 2, 4],
      ['c|@key=x', 1, 5],
      ['c|@key=y', 1, 6],
    ])
    await replace([['a', 2, 20]], { start: 2, end: 3 }, new Set(['a', 'c|@key=y']))
    await replace([['c|@key=y', 1, 60]], { start: 1, end: 2 }, new Set(['c|@key=y']))
    await replace([], { start: 1, end: 2 }, new Set(['b']))
    expect(await rows()).toEqual([
      ['a', 1, 1],
      ['a', 2, 20],
      ['b', 2, 4],
      ['c|@key=x', 1, 5],
      ['c|@key=y', 1, 60],
    ])
  })

  it('keeps the times of points that refer to those of other metrics', async () => {
    const { replace, path, rows } = newStore()
    const point = (time: string, value: number) => `{"py/tuple": [{${time}}, ${value}]}`
    const times = [1, 2].map((seconds) => point(`"py/object": "arrow.arrow.Arrow", "timestamp": ${seconds}`, seconds))
    const types = [`"t": {"a": [${times.join(', ')}]}`, `"u": {"b": [${point('"py/id": 2', 7)}]}`]
    writeFileSync(path, `{${types.join(', ')}}`)
    await replace([['c', 0, 0]], always, new Set(['c']))
    expect(await rows()).toEqual([
      ['a|@type=t', 1_000, 1],
      ['a|@type=t', 2_000, 2],
      ['b|@type=u', 2_000, 7],
      ['c', 0, 0],
    ])
  })

  it('replaces a series whose dimensions stand in another order', async () => {
    const { replace, path, rows } = newStore()
    writeFileSync(path, '{"a|z=1,b=2": [[1, 1], [2, 2]]}')
    await replace([['a|b=2,z=1', 2_000, 20]], { start: 2_000, end: 3_000 }, new Set(['a|b=2,z=1']))
    expect(await rows()).toEqual([
      ['a|b=2,z=1', 1_000, 1],
      ['a|b=2,z=1', 2_000, 20],
    ])
    expect(Object.keys((await loadMetrics(path))['-'])).toEqual(['a|z=1,b=2'])
  })

  it('refuses to replace points in a file that holds one series twice', async () => {
    const { replace, path } = newStore()
    const text = '{"a|z=1,b=2": [[1, 1]], "a|b=2,z=1": [[2, 2]]}'
    writeFileSync(path, text)
    await expect(replace([['c', 2, 20]])).rejects.toThrow(
      `metrics file ${path} holds one series twice: as a|z=1,b=2 and as a|b=2,z=1`,
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('is what a table of rows would be, after any replacements; twice is as once', async () => {
    const series = fc.constantFrom('a', 'b|@type=t', 'b|@key=x,@type=t', 'c|@key=x', 'c|@key=y,k=v', 'c|@key=x,k=v')
    const change = fc.record({
      start: fc.integer({ min: 0, max: 10 }),
      length: fc.integer({ min: 1, max: 10 }),
      named: fc.option(fc.uniqueArray(series), { nil: undefined }),
      values: fc.uniqueArray(fc.tuple(series, fc.integer({ min: 0, max: 19 }), fc.integer()), {
        selector: ([text, time]) => `${text} ${time}`,
      }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const { replace, rows } = newStore()
        let table: Row[] = []
        for (const { start, length, named, values } of changes) {
          const isMeant = ([text, time]: Row) =>
            time >= start && time < start + length && (!named || named.some((one) => one === text))
          const added = values.filter(isMeant)
          table = [...table.filter((row) => !isMeant(row)), ...added]
          const selector = named ? new Set(named) : 'all'
          await replace(added, { start, end: start + length }, selector)
          await replace(added, { start, end: start + length }, selector)
        }
        if (changes.length > 0) expect(await rows()).toEqual(table.sort(byText))
      }),
      { numRuns: 40 },
    )
  })

  it('refuses rollups and numbers that are not finite, and leaves the file as it was', async () => {
    const { replace, store, path, directory } = newStore()
    await replace([['a', 1, 1]])
    const before = readFileSync(path)
    await expect(replace([['a', 1, Number.POSITIVE_INFINITY]])).rejects.toThrow(
      'a is Infinity at 1970-01-01T00:00:00.001Z',
    )
    await expect(store.replace({ granularity: min5, range: always, series: 'all' }, [])).rejects.toThrow(
      'expected granularity full, got 5m',
    )
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(directory)).toEqual(['metrics.json.gz'])
  })
})
