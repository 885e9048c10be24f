import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RowBatch, RowQuery, SeriesSelector, Store } from '../../src/store/store.ts'
import { full, type Granularity } from '../../src/time/granularity.ts'
import { contains, minute, type Range } from '../../src/time/range.ts'
import type { FileSystem } from '../../src/util/files.ts'
import { failAfter } from '../support/failing-files.ts'
import { pointsOf, type Row, rollupsOf, rowsOf, sorted } from '../support/rows.ts'

/** A store under test. */
export interface StoreUnderTest {
  /** Opens it for a writer. Where everything goes through `FileSystem`, `files` stands for the machine's own. */
  open(writer: string, files?: FileSystem): Promise<Store>
}

export interface StoreTraits {
  /** What its rows are: points where it is `full`, rollups elsewhere. */
  readonly granularity: Granularity
  /** Whether it refuses NaN and infinities. */
  readonly isFinite: boolean
  /** Which series it can hold; by default all. */
  readonly holds?: (series: string) => boolean
  /** Whether several writers each have rows of their own. */
  readonly hasWriters: boolean
  /** Whether every change to files goes through `FileSystem`. */
  readonly usesFileSystem: boolean
}

const start = Date.UTC(2014, 1, 14)
const texts = ['', ' ', '%', '*', 'a_c', 'abc', "it's", 'naïve\u0000', '日本', '\uffee', '😀', 'x|k=v\\,w', '"', '\n']
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 5e-324, 1.7e308, 0.1]
const integers = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]

/** What every store must show. `make` gives an empty one each time. */
export function storeContract(name: string, traits: StoreTraits, make: () => StoreUnderTest): void {
  const { granularity, holds = () => true } = traits
  const odd = texts.filter(holds)
  const unit = granularity === full ? 5 * minute : granularity.size
  const at = (slot: number) => start + slot * unit
  const slots = (from: number, to: number): Range => ({ start: at(from), end: at(to) })
  const always = slots(-1_000, 1_000)
  const batchOf: (rows: readonly Row[]) => RowBatch = granularity === full ? pointsOf : rollupsOf
  const rows = (series: string, from: number, to: number, value = 1): Row[] =>
    Array.from({ length: to - from }, (_, i) => [series, at(from + i), value + i / 8])

  /** Rows as they are read must be grouped by series, time ascending inside one; here they are sorted. */
  const read = async (store: Store, query: Omit<RowQuery, 'granularity'> = {}, range = always): Promise<Row[]> => {
    const found: Row[] = []
    for await (const batch of store.read({ ...query, granularity }, range)) found.push(...rowsOf(batch))
    expect(found).toEqual(grouped(found))
    return sorted(found)
  }
  const put = (store: Store, all: readonly Row[], range = always, series: SeriesSelector = 'all') =>
    store.replace({ granularity, range, series }, all.length > 0 ? [batchOf(all)] : [])
  /** What a store makes of rows. */
  const kept = (store: Store, all: readonly Row[]): Row[] =>
    sorted(all.length > 0 ? rowsOf(store.normalise?.(batchOf(all), granularity) ?? batchOf(all)) : [])

  describe(`${name} as a store`, () => {
    it('gives back what was put, series by series, time ascending', async () => {
      await using store = await make().open('a')
      const all = odd.flatMap((series) => rows(series, -3, 5))
      const receipt = await put(store, all)
      expect(receipt.rows).toBe(all.length)
      expect(receipt.bytes).toBeGreaterThan(0)
      expect(await read(store)).toEqual(kept(store, all))
    })

    it('keeps special doubles and integers to the last bit, as far as it says so', async () => {
      await using store = await make().open('a')
      const doubles = specials.filter((value) => !traits.isFinite || Number.isFinite(value))
      const all = [...doubles, ...integers].map((value, i): Row => ['s', at(i), value])
      await put(store, all)
      expect(await read(store)).toEqual(kept(store, all))
    })

    it('takes rows in several batches', async () => {
      await using store = await make().open('a')
      const parts = [rows('a', 0, 2), rows('a', 2, 4), rows('b', 0, 1)]
      await store.replace(
        { granularity, range: always, series: 'all' },
        parts.map((part) => batchOf(part)),
      )
      expect(await read(store)).toEqual(parts.flat())
    })

    it('holds the same whether something is put once or twice', async () => {
      await using store = await make().open('a')
      const all = [...rows('a', 0, 30), ...rows('b', 3, 4)]
      const once = await put(store, all, slots(0, 30))
      expect(await put(store, all, slots(0, 30))).toEqual(once)
      expect(await read(store)).toEqual(all)
    })

    it('replaces what lies in the range, its end excluded, and nothing else', async () => {
      await using store = await make().open('a')
      await put(store, rows('a', 0, 40))
      await put(store, rows('a', 10, 12, 100), slots(10, 31))
      expect(await read(store)).toEqual([...rows('a', 0, 10), ...rows('a', 10, 12, 100), ...rows('a', 0, 40).slice(31)])
    })

    it('replaces named series and leaves the others in the range', async () => {
      await using store = await make().open('a')
      await put(store, [...rows('a', 0, 9), ...rows('b', 0, 9), ...rows('c', 0, 9)])
      await put(store, rows('b', 2, 3, 50), slots(1, 5), new Set(['b', 'none']))
      const b = [...rows('b', 0, 1), ...rows('b', 2, 3, 50), ...rows('b', 0, 9).slice(5)]
      expect(await read(store)).toEqual([...rows('a', 0, 9), ...b, ...rows('c', 0, 9)])
    })

    it('lets disjoint series of one range be put in any order', async () => {
      const [a, b] = [rows('a', 0, 20), rows('b', 0, 20, 9)]
      for (const order of [
        [a, b],
        [b, a],
      ]) {
        await using store = await make().open('a')
        for (const part of order) await put(store, part, slots(0, 20), new Set([part[0][0]]))
        expect(await read(store)).toEqual([...a, ...b])
      }
    })

    it('lets the later one of two overlapping ranges have what they share', async () => {
      await using store = await make().open('a')
      await put(store, rows('a', 0, 20), slots(0, 20))
      await put(store, rows('a', 15, 30, 7), slots(15, 30))
      expect(await read(store)).toEqual([...rows('a', 0, 15), ...rows('a', 15, 30, 7)])
    })

    it('removes rows where it is given none, and is at ease where there are none', async () => {
      await using store = await make().open('a')
      await put(store, rows('a', 0, 30))
      expect(await put(store, [], slots(5, 30))).toMatchObject({ rows: 0 })
      expect(await put(store, [], slots(200, 210))).toMatchObject({ rows: 0 })
      expect(await read(store)).toEqual(rows('a', 0, 5))
      await put(store, [])
      expect(await read(store)).toEqual([])
    })

    it('selects by glob, by names, by both, and by a range whose end is excluded', async () => {
      await using store = await make().open('a')
      const all = odd.flatMap((series) => rows(series, 0, 3))
      await put(store, all)
      const of = (...wanted: string[]) => kept(store, all).filter(([series]) => wanted.includes(series))
      expect(await read(store, { glob: 'a?c' })).toEqual(of('a_c', 'abc'))
      expect(await read(store, { glob: 'a_c' })).toEqual(of('a_c'))
      expect(await read(store, { glob: '%' })).toEqual(of('%'))
      expect(await read(store, { glob: 'x|*\\,?' })).toEqual(of('x|k=v\\,w'))
      expect(await read(store, { glob: '?' })).toEqual(of(' ', '%', '*', '\uffee', '😀', '"', '\n'))
      expect(await read(store, { glob: 'none*' })).toEqual([])
      expect(await read(store, { names: ["it's", '', 'none'] })).toEqual(of('', "it's"))
      expect(await read(store, { names: ['abc', '"'], glob: 'a*' })).toEqual(of('abc'))
      expect(await read(store, { names: [] })).toEqual([])
      expect(await read(store, { names: ['abc'] }, slots(1, 2))).toEqual([kept(store, rows('abc', 0, 3))[1]])
      expect(await read(store, {}, slots(3, 9))).toEqual([])
    })

    it('may be read several times at once, and stops at an abort', async () => {
      await using store = await make().open('a')
      const all = rows('a', 0, 9)
      await put(store, all)
      expect(await Promise.all([read(store), read(store)])).toEqual([all, all])
      const reading = store.read({ granularity }, always, { signal: AbortSignal.abort(new Error('enough')) })
      await expect(reading[Symbol.asyncIterator]().next()).rejects.toThrow()
    })

    it('is what a map from series and time would be, whatever is put', async () => {
      const ids = ['a', 'b', 'ü'] as const
      const step = fc.record({
        writer: fc.constantFrom(...(traits.hasWriters ? ['p', 'q'] : ['p'])),
        from: fc.nat({ max: 30 }),
        length: fc.integer({ min: 1, max: 30 }),
        series: fc.option(fc.subarray([...ids], { minLength: 1 }), { nil: undefined }),
        value: fc.integer(),
        every: fc.integer({ min: 1, max: 40 }),
      })
      const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
        const test = make()
        let model: Row[] = []
        for (const { writer, from, length, series = ids, value, every } of steps) {
          await using store = await test.open(writer)
          const range = slots(from, from + length)
          const names = series.map((id) => writer + id)
          const fresh = names.flatMap((text) =>
            rows(text, from, from + length, value).filter((_, i) => i % every === 0),
          )
          await put(store, fresh, range, series === ids ? 'all' : new Set(names))
          const isKept = ([text, time]: Row) => !contains(range, time) || !names.includes(text)
          model = sorted([...model.filter(isKept), ...fresh])
        }
        await using store = await test.open('p')
        expect(await read(store)).toEqual(model)
      }
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), run), { numRuns: 12 })
    })

    it.runIf(traits.hasWriters)('leaves rows of other writers alone', async () => {
      const test = make()
      await using a = await test.open('a')
      await using b = await test.open('b')
      await put(a, rows('a', 0, 30))
      await put(b, rows('b', 0, 30))
      await put(b, rows('b', 3, 4, 9), slots(2, 25))
      expect(await read(a, { names: ['a'] })).toEqual(rows('a', 0, 30))
      await put(b, [])
      expect(await read(b)).toEqual(rows('a', 0, 30))
    })

    it.runIf(traits.usesFileSystem)(
      'holds the old rows or the new ones wherever the machine stops, and can be mended',
      async () => {
        const before = [...rows('a', 0, 3), ...rows('b', 0, 3)]
        const after = [...rows('a', 0, 1), ...rows('a', 1, 3, 50), ...rows('c', 1, 2), ...rows('b', 0, 1)]
        const fresh = after.filter(([, time]) => time >= at(1))
        const outcomes: string[] = []
        for (let steps = 0, isDone = false; !isDone; steps++) {
          const test = make()
          await using writer = await test.open('a')
          await put(writer, before)
          const failing = failAfter(steps + (await stepsToOpen(test)))
          await using broken = await test.open('a', failing)
          isDone = await put(broken, fresh, slots(1, 3)).then(
            () => true,
            () => false,
          )
          await using store = await test.open('a')
          const found = await read(store)
          outcomes.push(JSON.stringify(found) === JSON.stringify(before) ? 'old' : 'new')
          if (outcomes.at(-1) === 'new') expect(found).toEqual(sorted(after))
          await put(store, fresh, slots(1, 3))
          expect(await read(store)).toEqual(sorted(after))
        }
        expect(outcomes.join(' ')).toMatch(/^old (old )+(new )+new$/)
      },
    )
  })
}

/** How many changes opening a store takes, which are not to fail. */
async function stepsToOpen(test: StoreUnderTest): Promise<number> {
  for (let steps = 0; ; steps++) {
    try {
      await using _ = await test.open('a', failAfter(steps))
      return steps
    } catch {}
  }
}

/** The same rows by series, in order of first appearance, then time. */
function grouped(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(row[0], [...(groups.get(row[0]) ?? []), row])
  return [...groups.values()].flatMap(sorted)
}
