import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chain,
  chunkOf,
  every,
  finerThan,
  full,
  type Granularity,
  min5,
  min20,
  min60,
  min240,
  min1440,
  parseGranularity,
  slotOf,
} from '../../src/time/granularity.ts'
import { contains, covers, day, hour, minute } from '../../src/time/range.ts'

const divisors = [...Array(1_440).keys()].map((i) => i + 1).filter((minutes) => 1_440 % minutes === 0)
const time = fc.integer({ min: -8e12, max: 8e12 })
const granularity = fc.constantFrom<Granularity>(full, ...chain, ...divisors.map((minutes) => every(minutes * minute)))

describe('the chain of levels', () => {
  it('goes from 5 minutes to a day, each level in whole slots of the one before', () => {
    expect(chain.map(({ name }) => name)).toEqual(['5m', '20m', '60m', '240m', '1440m'])
    expect(chain.map(({ size }) => size / minute)).toEqual([5, 20, 60, 240, 1_440])
    for (const [i, { size }] of chain.entries()) if (i > 0) expect(size % chain[i - 1].size).toBe(0)
  })

  it('has chunks of an hour for points and 5m, of a day above', () => {
    expect([full, ...chain].map(({ chunk }) => chunk)).toEqual([hour, hour, day, day, day, day])
  })

  it('tells from what each level is made', () => {
    expect([min5, min20, min60, min240, min1440].map(finerThan)).toEqual([full, min5, min20, min60, min240])
    expect([15, 10, 30, 120, 480, 6].map((minutes) => finerThan(every(minutes * minute)).name)).toEqual([
      ...['5m', '5m', '5m', '60m', '240m', 'full'],
    ])
    expect(() => finerThan(full)).toThrow('nothing is finer than full')
  })
})

describe('slots and chunks', () => {
  it('tile time: an instant lies in its slot, and the slot in its chunk', () => {
    fc.assert(
      fc.property(granularity, time, (level, instant) => {
        const start = slotOf(level, instant)
        const slot = { start, end: start + level.size }
        expect(contains(slot, instant)).toBe(true)
        expect(Math.abs(start % level.size)).toBe(0)
        const chunk = chunkOf(level, instant)
        expect(covers(chunk, slot)).toBe(true)
        expect(chunkOf(level, chunk.end).start).toBe(chunk.end)
        expect(chunkOf(level, slot.end - 1)).toEqual(chunk)
      }),
    )
  })

  it('of a coarser level are tiled by those of the level that it is made from', () => {
    fc.assert(
      fc.property(granularity, time, (level, instant) => {
        if (level === full) return
        expect(slotOf(level, slotOf(finerThan(level), instant))).toBe(slotOf(level, instant))
      }),
    )
  })

  it('begin at the epoch, as Blueflood has them', () => {
    expect(chain.map((level) => slotOf(level, 1393442533000))).toEqual([
      1393442400000, 1393442400000, 1393441200000, 1393430400000, 1393372800000,
    ])
  })
})

describe('a granularity', () => {
  it.each([full, ...chain])('$name is read from its name', (level) => {
    expect(parseGranularity(level.name)).toBe(level)
  })

  it('is any number of minutes that divides a day', () => {
    for (const minutes of divisors) {
      const level = parseGranularity(`${minutes}m`)
      expect(level).toMatchObject({ name: `${minutes}m`, size: minutes * minute })
      expect(every(level.size)).toEqual(level)
    }
    expect(every(1_500).name).toBe('1500ms')
  })

  it.each(['', '5', '0m', '05m', '7m', '2880m', '1h', 'FULL', '-5m', '5m '])('is not %j', (text) => {
    expect(() => parseGranularity(text)).toThrow(/^invalid granularity: /)
  })
})
