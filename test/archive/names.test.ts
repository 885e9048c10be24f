import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNames, defaultMargins, isSelected, nameBounds, nameParser } from '../../src/archive/names.ts'
import { minute } from '../../src/time/range.ts'

const parse = nameParser()

describe('the name of an archive file', () => {
  it('gives its time, with or without a chunk number', () => {
    expect(parse('20140226_1393442533000.json.gz')).toEqual({
      name: '20140226_1393442533000.json.gz',
      time: 1393442533000,
      chunk: undefined,
    })
    expect(parse('20140908_1400199246233_10.json.gz')).toMatchObject({ time: 1400199246233, chunk: 10 })
  })

  it.each([
    '',
    'README.md',
    '20140226_1393442533000.json',
    '20140226_1393442533000.json.gz.tmp',
    'x20140226_1393442533000.json.gz',
    '20140226_1393442533000_.json.gz',
    '20140226_1393442533000_a.json.gz',
    '20140226_99999999999999999.json.gz',
    '20140226_.json.gz',
    '_retrofill/20140226_1393442533000.json.gz',
  ])('is foreign: %j', (name) => {
    expect(parse(name)).toBeUndefined()
  })

  it('may have another layout, which must match the whole name', () => {
    const other = nameParser('raw-(?<ts>\\d{13})(?:-(?<chunk>.*))?|old/(?<none>x)')
    expect(other('raw-1393442533000')).toMatchObject({ time: 1393442533000, chunk: undefined })
    expect(other('raw-1393442533000-7')).toMatchObject({ chunk: 7 })
    expect(other('raw-1393442533000-b')).toBeUndefined()
    expect(other('raw-1393442533000\n')).toBeUndefined()
    expect(other('old/x')).toBeUndefined()
  })

  it.each(['(', '\\d+', '(?<time>\\d+)', '(?<ts>\\d+)(?<ts>\\d+)'])('refuses the pattern %s', (pattern) => {
    expect(() => nameParser(pattern)).toThrow(/^invalid name pattern: /)
  })
})

describe('the canonical order of files', () => {
  const order = (...names: string[]) =>
    names
      .map((name) => parse(name) ?? expect.fail(name))
      .sort(compareNames)
      .map(({ name }) => name)

  it('is by time, then by chunk as a number, a file without one first', () => {
    const sorted = [
      '20140227_1393442533000.json.gz',
      '20140226_1393442533000_0.json.gz',
      '20140226_1393442533000_2.json.gz',
      '20140226_1393442533000_10.json.gz',
      '20130226_1393442533001.json.gz',
    ]
    expect(order(...sorted.toReversed())).toEqual(sorted)
  })

  it('ends with the bytes of the name, so that no two names are equal', () => {
    const any = nameParser('(?<ts>1).*')
    const [high, low] = [any('1\u{1f600}'), any('1\uffee')]
    expect(high && low && compareNames(low, high)).toBeLessThan(0)
  })
})

describe('the selection of files', () => {
  const range = { start: 1_000 * minute, end: 2_000 * minute }
  const at = (time: number) => isSelected({ name: '', time, chunk: undefined }, range)

  it('takes names from 15 minutes before the start to 30 minutes after the end, both inclusive', () => {
    expect([985 * minute - 1, 985 * minute, 2_030 * minute, 2_030 * minute + 1].map(at)).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(defaultMargins).toEqual({ before: 900_000, after: 1_800_000 })
  })

  it('looks among all names from the start on where the range ends with the calendar', () => {
    const range = { start: Date.UTC(2014, 1, 14), end: Date.UTC(9999, 11, 31) }
    const { after, before } = nameBounds(range, defaultMargins)
    const names = ['20140214_1392388217233_0.json.gz', '99991231_253402214400000.json.gz']
    expect(names.filter((name) => after < name && name < before)).toEqual(names)
  })

  it('takes other margins', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.integer({ min: 800, max: 2_200 }), (before, after, time) => {
        const wanted = time >= 1_000 - before && time <= 2_000 + after
        expect(isSelected({ name: '', time, chunk: 0 }, { start: 1_000, end: 2_000 }, { before, after })).toBe(wanted)
      }),
    )
  })
})
