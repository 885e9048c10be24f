import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSource } from '../../src/source/definition.ts'
import {
  describeOptions,
  duration,
  flag,
  parseGivenOption,
  parseOptions,
  repeatable,
  words,
} from '../../src/source/options.ts'

const definition = defineSource({
  brief: 'A test',
  options: z.object({
    token: z.string().describe('Key'),
    by: words.prefault('a').describe('Names'),
    filters: repeatable.prefault([]).describe('Filters'),
    resolution: duration.prefault('60').describe('Step'),
    raw: flag.prefault('false').describe('Raw'),
  }),
  secrets: ['token'],
  aliases: { filter: 'filters' },
  needsMetric: true,
  open: () => {
    throw new Error('not opened here')
  },
})

const parse = (...given: string[]) => parseOptions('test', definition, given.map(parseGivenOption))

describe('options of sources', () => {
  it('are typed by the schema, with defaults', () => {
    expect(parse('token=x')).toEqual({ token: 'x', by: ['a'], filters: [], resolution: 60_000, raw: false })
    expect(parse('token=a=b', 'by=AZ, inst_type', 'resolution=3600', 'raw=true')).toMatchObject({
      token: 'a=b',
      by: ['AZ', 'inst_type'],
      resolution: 3_600_000,
      raw: true,
    })
    expect(parse('token=x', 'resolution=5m').resolution).toBe(300_000)
  })

  it('may stand several times where they are lists, by any of their names', () => {
    expect(parse('token=x', 'filter=a:b').filters).toEqual(['a:b'])
    expect(parse('token=x', 'filter=a:b', 'filters=c:d').filters).toEqual(['a:b', 'c:d'])
  })

  it.each([
    [['token=x', 'resolutoin=1'], 'unknown option of test: resolutoin; did you mean resolution?'],
    [[], 'test needs an option: -o token=…'],
    [['token=x', 'resolution=0'], 'invalid resolution of test: expected a length of time above 0, got 0'],
    [['token=x', 'resolution=soon'], 'invalid resolution of test'],
    [['token=x', 'raw=maybe'], 'invalid raw of test'],
    [['token=x', 'token=y'], 'option given twice: token of test takes one value'],
    [['=x'], 'invalid option: expected name=value'],
    [['secret'], 'invalid option: expected name=value'],
  ])('are refused by name: %j', (given, message) => {
    expect(() => parse(...given)).toThrow(message)
  })

  it('are listed with description, need and default', () => {
    expect(describeOptions(definition).slice(0, 2)).toEqual([
      { name: 'token', description: 'Key', isRequired: true },
      { name: 'by', description: 'Names', isRequired: false, default: 'a' },
    ])
  })
})
