import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allShards, formatShards, parseShards, shardOf } from '../../src/archive/shards.ts'

describe('the shard of a locator', () => {
  it.each([
    ['tenant.metric', 37],
    ['ac.foo', 12],
    ['123456.rackspace.monitoring.entities.enAAAA.checks.agent.cpu.chBBBB.usage', 79],
    ['123456.rackspace.monitoring.entities.enAAAA.checks.remote.http.chBBBB.mzORD.duration', 90],
    ['898450.rackspace.monitoring.entities.enC6anIcNY.checks.agent.load_average.chOdIdiZu0.15m', 127],
    ['t.é', 125],
  ])('of %s is %i, as in Blueflood', (locator, shard) => {
    expect(shardOf(locator)).toBe(shard)
  })
})

describe('a list of shards', () => {
  it('is ALL, NONE, or numbers and ranges', () => {
    expect(parseShards('ALL')).toEqual(allShards)
    expect(parseShards(' all ').size).toBe(128)
    expect(parseShards('None').size).toBe(0)
    expect([...parseShards('40, 0-3,2,127')]).toEqual([0, 1, 2, 3, 40, 127])
  })

  it.each(['', ',', '1,', '-1', '128', '5-3', '0-128', 'x', '1.5', '1e1', '1 2', 'ALL,1'])('refuses %j', (text) => {
    expect(() => parseShards(text)).toThrow(/^invalid shards: /)
  })

  it('is written the shortest way, and read back the same', () => {
    expect(formatShards(parseShards('40,3,0-2'))).toBe('0-3,40')
    expect(formatShards(parseShards('0-127'))).toBe('ALL')
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(127)), (numbers) => {
        const shards = new Set(numbers.sort((a, b) => a - b))
        expect([...parseShards(formatShards(shards))]).toEqual([...shards])
      }),
    )
  })
})
