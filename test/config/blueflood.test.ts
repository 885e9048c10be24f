import { describe, expect, it } from 'vitest'
import { type ConfiguredCommand, readBlueflood, warnings } from '../../src/config/blueflood.ts'
import { parseProperties } from '../../src/config/properties.ts'

const properties = (text: string) => Object.fromEntries(parseProperties(text))

describe('a properties file', () => {
  it('separates key and value by an equals sign, a colon or blanks', () => {
    expect(properties('a=1\nb:2\nc 3\nd = 4\ne : 5\nf\t6\ng\nh==7\ni=')).toEqual({
      a: '1',
      b: '2',
      c: '3',
      d: '4',
      e: '5',
      f: '6',
      g: '',
      h: '=7',
      i: '',
    })
  })

  it('skips comments and blank lines, and blanks before a key', () => {
    expect(properties('# a=1\n! b=2\n\n  \n   # c=3\n   d=4')).toEqual({ d: '4' })
  })

  it('keeps blanks at the end of a value, and comment signs inside it', () => {
    expect(properties('a=1 \nb=x # y')).toEqual({ a: '1 ', b: 'x # y' })
  })

  it('goes on after a backslash at the end of a line, not after two', () => {
    expect(properties('a=1,\\\n    2,\\\n  3\nb=x\\\\\nc=#\\\n#y\nd=end\\')).toEqual({
      a: '1,2,3',
      b: 'x\\',
      c: '##y',
      d: 'end',
    })
  })

  it('knows escapes, in keys too', () => {
    expect(properties(String.raw`a\ b\=c=\tx\u00e9\q\:`)).toEqual({ 'a b=c': '\txéq:' })
  })

  it('takes the last value of a key, and all ends of lines', () => {
    expect(properties('a=1\r\na=2\rb=3\n')).toEqual({ a: '2', b: '3' })
  })
})

describe('a Blueflood configuration', () => {
  const flags = (text: string, command: ConfiguredCommand, set?: [string, string][]) =>
    Object.fromEntries([...readBlueflood(text, new Map(set)).flags[command]].map(([flag, { value }]) => [flag, value]))
  const text = `
CLOUDFILES_USER=jane
CLOUDFILES_KEY=a=b
CLOUDFILES_PROVIDER=cloudfiles-uk
CLOUDFILES_ZONE=LON
CLOUDFILES_CONTAINER=metric data
DOWNLOAD_DIR=/data/in
BATCH_SIZE=7
REPLAY_PERIOD_START=1400122800000
REPLAY_PERIOD_STOP=1400612400000
NUMBER_OF_BUFFERRED_SLOTS=4
SHARDS_TO_BACKFILL=0,1`

  it('sets flags of the commands, in each what its tool took from it', () => {
    const times = { 'start-time': '2014-05-15T03:00:00Z', 'end-time': '2014-05-20T19:00:00Z' }
    const from = 'swift:///metric%20data'
    expect(flags(text, 'download')).toEqual({
      ...times,
      from,
      to: '/data/in',
      'batch-size': '7',
      'buffered-slots': '4',
    })
    expect(flags(text, 'verify')).toEqual({ ...times, from, to: '/data/in' })
    expect(flags(text, 'rollup')).toEqual({
      ...times,
      from: '/data/in',
      'batch-size': '7',
      'buffered-slots': '4',
      shards: '0,1',
      granularity: '5m,20m,60m,240m,1440m',
    })
    const { credentials } = readBlueflood(text)
    expect(Object.keys(credentials)).toEqual([
      'CLOUDFILES_USER',
      'CLOUDFILES_KEY',
      'CLOUDFILES_PROVIDER',
      'CLOUDFILES_ZONE',
    ])
  })

  it('names the levels by METRICS_*_ENABLED, and makes all where it names none', () => {
    expect(flags('METRICS_5M_ENABLED=true\nMETRICS_60M_ENABLED=TRUE\nMETRICS_20M_ENABLED=false', 'rollup')).toEqual({
      granularity: '5m,60m',
    })
    expect(() => flags('METRICS_5M_ENABLED=false', 'rollup')).toThrow('no level is enabled')
  })

  it('takes the container that Blueflood takes where none is named', () => {
    expect(flags('CLOUDFILES_USER=jane', 'download')).toEqual({ from: 'swift:///metric-data' })
  })

  it('tells which keys it used, which are not needed and which it does not understand', () => {
    const found = readBlueflood('BATCH_SIZE=1\nROLLUP_THREADS=50\nGRAPHITE_HOST=x\nBATCH_SIZES=2\nMY_OWN=3')
    expect(found).toMatchObject({
      used: ['BATCH_SIZE'],
      notNeeded: ['GRAPHITE_HOST', 'ROLLUP_THREADS'],
      notUnderstood: ['BATCH_SIZES; did you mean BATCH_SIZE?', 'MY_OWN'],
    })
  })

  it('refuses two spellings of a key that disagree, and takes two that agree', () => {
    expect(() => readBlueflood('SHARDS=ALL\nSHARDS_TO_BACKFILL=0,1')).toThrow(
      'contradiction: SHARDS_TO_BACKFILL=0,1, but SHARDS=ALL',
    )
    expect(flags('SHARDS=3\nSHARDS_TO_BACKFILL=3', 'rollup')).toMatchObject({ shards: '3' })
  })

  it('lets --set go before the file, in whichever spelling', () => {
    expect(flags('SHARDS=ALL\nBATCH_SIZE=5', 'rollup', [['SHARDS_TO_BACKFILL', '7']])).toMatchObject({
      shards: '7',
      'batch-size': '5',
    })
  })

  it('warns that SHARDS may be meant for the rollup service', () => {
    expect(warnings(readBlueflood('SHARDS=0,1'))).toEqual([
      expect.stringContaining('SHARDS=0,1 limits this backfill too'),
    ])
    for (const quiet of ['SHARDS=ALL', 'SHARDS_TO_BACKFILL=0,1', '']) expect(warnings(readBlueflood(quiet))).toEqual([])
  })

  it.each([
    ['BATCH_SIZE=5 ', 'invalid BATCH_SIZE: expected a whole number from 1, got "5 "'],
    ['BATCH_SIZE=0', 'invalid BATCH_SIZE'],
    ['REPLAY_PERIOD_START=May', 'invalid REPLAY_PERIOD_START'],
    ['REPLAY_PERIOD_STOP=99999999999999999', 'invalid REPLAY_PERIOD_STOP'],
    ['NUMBER_OF_BUFFERRED_SLOTS=many', 'invalid NUMBER_OF_BUFFERRED_SLOTS'],
    ['SHARDS=128', 'invalid SHARDS: expected ALL, NONE or a list such as 0,15,40 of 0 to 127, got "128"'],
    ['DOWNLOAD_DIR=', 'invalid DOWNLOAD_DIR: expected a value, got ""'],
  ])('refuses %j', (line, message) => expect(() => readBlueflood(line)).toThrow(message))
})
