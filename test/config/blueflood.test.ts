import { describe, expect, it } from 'vitest'
import { parseBluefloodConfig } from '../../src/config/blueflood.ts'
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
  it('tells what a download needs', () => {
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
      NUMBER_OF_BUFFERED_SLOTS=4
      SHARDS=ALL`
    expect(parseBluefloodConfig(text)).toEqual({
      credentials: {
        CLOUDFILES_USER: 'jane',
        CLOUDFILES_KEY: 'a=b',
        CLOUDFILES_PROVIDER: 'cloudfiles-uk',
        CLOUDFILES_ZONE: 'LON',
      },
      from: 'swift:///metric%20data',
      directory: '/data/in',
      batchSize: 7,
      start: 1400122800000,
      stop: 1400612400000,
      bufferedSlots: 4,
    })
    expect(parseBluefloodConfig('')).toMatchObject({ credentials: {}, from: undefined, start: undefined })
  })

  it('refuses a number with a blank behind it, as Blueflood does', () => {
    expect(() => parseBluefloodConfig('BATCH_SIZE=5 ')).toThrow(
      'invalid BATCH_SIZE: expected a whole number from 1, got "5 "',
    )
    expect(() => parseBluefloodConfig('REPLAY_PERIOD_START=May')).toThrow('invalid REPLAY_PERIOD_START')
  })
})
