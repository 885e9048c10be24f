import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PointBatch } from '../../src/metric/points.ts'
import type { Query, Source } from '../../src/source/source.ts'
import { contains, minute, type Range } from '../../src/time/range.ts'
import { type Row, rowsOf, sorted } from '../support/rows.ts'

export interface SourceTraits {
  readonly order: Source['order']
  /** Three series that it can hold; the first two differ in their last character only, the third one in others too. */
  readonly series: readonly [string, string, string]
}

/** What every source of points must show. `make` gives one that holds just some rows. */
export function sourceContract(
  name: string,
  { order, series }: SourceTraits,
  make: (rows: readonly Row[]) => Promise<Source>,
): void {
  const start = Date.UTC(2014, 1, 14, 14)
  const at = (second: number) => start + second * 1_000
  const seconds = (from: number, to: number): Range => ({ start: at(from), end: at(to) })
  const always: Range = { start: start - 240 * minute, end: start + 240 * minute }
  const all = series.flatMap((text, s) => [0, 1, 59, 60, 300, 3_599].map((i): Row => [text, at(i), s * 10 + i / 8]))

  const batches = async (source: Source, query: Query = {}, range = always): Promise<PointBatch[]> => {
    const found: PointBatch[] = []
    for await (const batch of source.read(query, range)) found.push(batch)
    return found
  }
  const read = async (...args: Parameters<typeof batches>): Promise<Row[]> => {
    const rows = (await batches(...args)).flatMap(rowsOf)
    return sorted(rows.map(([text, time, value]) => [text, time, Number(value)]))
  }

  describe(`${name} as a source`, () => {
    it('gives everything in the range, the same each time, and says from which input', async () => {
      const source = await make(all)
      expect(source.order).toBe(order)
      const [once, twice] = [await batches(source), await batches(source)]
      expect(once.flatMap(rowsOf)).toEqual(twice.flatMap(rowsOf))
      expect(await read(source)).toEqual(sorted(all))
      for (const { input, length } of once) {
        expect(input).not.toBe('')
        expect(length).toBeGreaterThan(0)
      }
    })

    it.runIf(order === 'series')('goes series by series, time ascending inside one', async () => {
      const rows = (await batches(await make(all))).flatMap(rowsOf)
      const texts = [...new Set(rows.map(([text]) => text))]
      expect(rows).toEqual(texts.flatMap((text) => sorted(rows.filter((row) => row[0] === text))))
    })

    it('takes the start of a range and leaves its end', async () => {
      const source = await make(all)
      const inside = sorted(all.filter(([, time]) => contains(seconds(1, 60), time)))
      expect(await read(source, {}, seconds(1, 60))).toEqual(inside)
      expect(inside).toHaveLength(6)
      expect(await read(source, {}, seconds(2, 59))).toEqual([])
    })

    it('gives each point once, however a range is cut', async () => {
      const source = await make(all)
      const cut = fc.nat({ max: 3_600 })
      await fc.assert(
        fc.asyncProperty(fc.array(cut, { maxLength: 3 }), async (cuts) => {
          const places = [0, ...cuts.sort((a, b) => a - b), 3_600]
          const parts = await Promise.all(places.slice(1).map((end, i) => read(source, {}, seconds(places[i], end))))
          expect(sorted(parts.flat())).toEqual(sorted(all))
        }),
        { numRuns: 8 },
      )
    })

    it('selects series by glob, by name and by both', async () => {
      const source = await make(all)
      const of = (...texts: string[]) => sorted(all.filter(([text]) => texts.includes(text)))
      const [a, b, c] = series
      expect(await read(source, { glob: `${a.slice(0, -1)}*` })).toEqual(of(a, b))
      expect(await read(source, { names: [a, c, 'none'] })).toEqual(of(a, c))
      expect(await read(source, { names: [a, c], glob: `?${c.slice(1)}` })).toEqual(of(c))
      expect(await read(source, { names: [] })).toEqual([])
    })

    it('ends with an error where it is told to stop', async () => {
      const source = await make(all)
      const reading = source.read({}, always, { signal: AbortSignal.abort(new Error('enough')) })
      await expect(reading[Symbol.asyncIterator]().next()).rejects.toThrow()
    })

    it('may be left before its end', async () => {
      const source = await make(all)
      for await (const batch of source.read({}, always)) {
        expect(batch.length).toBeGreaterThan(0)
        break
      }
      expect(await read(source)).toEqual(sorted(all))
    })
  })
}
