import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange, selectRows, within } from '../../src/metric/arrange.ts'
import { allocateRollups, Integer, type RollupBatch } from '../../src/metric/rollups.ts'
import { type Row, rollupsOf, rowsOf, sorted } from '../support/rows.ts'

const texts = ['', 'B', 'a', 'a\u0000', 'b', 'é', '\uffee', '😀']
const value = fc.oneof(fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
/** Rows with different series and times; those of one series come in time order. */
const rows = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...texts), fc.nat({ max: 30 }), value), {
    selector: ([series, time]) => `${series} ${time}`,
    maxLength: 60,
  })
  .map((all) => all.map(([series, slot, each]): Row => [series, slot * 300_000, each]))
const inTime = rows.map((all) => [...all].sort(([, a], [, b]) => a - b))

/** Rows in the order given, with a dictionary of its own order that holds more than they need. */
function unarranged(all: readonly Row[], dictionary: readonly string[]): RollupBatch {
  const batch = allocateRollups(all.length, dictionary)
  for (const [i, row] of all.entries()) {
    const one = rollupsOf([row])
    batch.series[i] = dictionary.indexOf(row[0])
    for (const name of ['time', 'count', 'sum', 'mean', 'variance', 'min', 'max', 'integer'] as const)
      batch[name][i] = one[name][0]
    for (const name of ['meanInt', 'minInt', 'maxInt'] as const) batch[name][i] = one[name][0]
  }
  return batch
}

const dictionary = fc.shuffledSubarray([...texts, 'never'], { minLength: texts.length + 1 })

describe('rows that are arranged', () => {
  it('stand in order of series bytes, then time, whatever the dictionaries and cuts of their parts', () => {
    fc.assert(
      fc.property(inTime, fc.array(dictionary, { minLength: 1, maxLength: 4 }), (all, dictionaries) => {
        const size = Math.ceil(all.length / dictionaries.length)
        const parts = dictionaries.map((own, i) => unarranged(all.slice(i * size, (i + 1) * size), own))
        const arranged = arrange(parts)
        expect(rowsOf(arranged)).toEqual(sorted(all))
        expect(arranged.dictionary).toEqual([...new Set(sorted(all).map(([series]) => series))])
        expect(arrange([arranged])).toEqual(arranged)
      }),
    )
  })

  it('are the same in whatever order parts of different series come', () => {
    fc.assert(
      fc.property(inTime, dictionary, (all, own) => {
        const parts = texts.map((text) =>
          unarranged(
            all.filter(([series]) => series === text),
            own,
          ),
        )
        expect(arrange([...parts].reverse())).toEqual(arrange(parts))
      }),
    )
  })

  it('keep the order of parts where a series has one time twice', () => {
    const parts = [rollupsOf([['s', 0, 1]]), rollupsOf([['s', 0, 2n]])]
    expect(rowsOf(arrange(parts)).map(([, , each]) => each)).toEqual([1, 2n])
  })

  it('keep some statistics as integers and others not', () => {
    const batch = rollupsOf([
      ['s', 0, 5n],
      ['t', 0, 6n],
    ])
    batch.integer.set([Integer.min | Integer.mean, Integer.max])
    expect(arrange([batch])).toEqual(batch)
    expect(arrange([]).length).toBe(0)
  })
})

describe('a selection of rows', () => {
  it('has those that are wanted, in order, and just their series', () => {
    fc.assert(
      fc.property(inTime, fc.func(fc.boolean()), (all, isWanted) => {
        const batch = rollupsOf(all)
        const wanted = sorted(all.filter(([series, time]) => isWanted(series, time)))
        expect(selectRows(batch, (series, time) => isWanted(series, time))).toEqual(rollupsOf(wanted))
      }),
    )
  })

  it('within a range has its start and not its end', () => {
    const batch = rollupsOf([0, 1, 2, 3].map((slot) => ['s', slot * 300_000, slot]))
    expect(rowsOf(within(batch, { start: 300_000, end: 900_000 })).map(([, , each]) => each)).toEqual([1, 2])
    expect(within(batch, { start: 0, end: 900_001 })).toBe(batch)
  })
})
