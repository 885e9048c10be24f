import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSeries, parseSeries, series } from '../../src/metric/series.ts'

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'\\|,=a') }))
const any = fc.tuple(text, fc.dictionary(text, text)).map(([name, tags]) => series(name, tags))

describe('the text of a series', () => {
  it.each([
    ['cpu', {}, 'cpu'],
    ['cpu', { host: 'a', az: 'b' }, 'cpu|az=b,host=a'],
    ['a|b', { 'k,1': 'x=y\\' }, 'a\\|b|k\\,1=x\\=y\\\\'],
    ['', {}, ''],
    ['', { '': '' }, '|='],
    ['cpu', { '@type': 'metadata', '@key': 'v' }, 'cpu|@key=v,@type=metadata'],
  ])('of %j with %j is %j', (name, tags, expected) => {
    expect(formatSeries(series(name, tags))).toBe(expected)
    expect(parseSeries(expected)).toEqual(series(name, tags))
  })

  it('is read back as the same series', () => {
    fc.assert(
      fc.property(any, (one) => {
        expect(parseSeries(formatSeries(one))).toEqual(one)
      }),
    )
  })

  it('differs between different series', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(formatSeries(a) === formatSeries(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
  })

  it('is written in one way: what can be read is read the same when it is written again', () => {
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseSeries(given)
        } catch {
          return
        }
        const once = formatSeries(parseSeries(given))
        expect(formatSeries(parseSeries(once))).toBe(once)
      }),
    )
  })

  it('may have its tags in any order', () => {
    expect(parseSeries('cpu|host=a,az=b')).toEqual(parseSeries('cpu|az=b,host=a'))
  })

  it.each([
    ['a|b|c', 'expected at most one unescaped "|"'],
    ['a|', 'expected tag=value'],
    ['a|b', 'expected tag=value, got b'],
    ['a|b=c=d', 'expected tag=value, got b=c=d'],
    ['a|b=1,b=2', 'tag b stands twice'],
  ])('is not %j', (given, message) => {
    expect(() => parseSeries(given)).toThrow(message)
  })
})
