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
    Object.fromEntries(
      [...readBlueflood(text, { overrides: new Map(set) }).flags[command]].map(([flag, { value }]) => [flag, value]),
    )
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
      to: 'cassandra://localhost:9042/DATA',
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
    expect(
      flags('METRICS_5M_ENABLED=true\nMETRICS_60M_ENABLED=TRUE\nMETRICS_20M_ENABLED=false', 'rollup'),
    ).toMatchObject({
      granularity: '5m,60m',
    })
    expect(() => flags('METRICS_5M_ENABLED=false', 'rollup')).toThrow('no level is enabled')
  })

  it('takes the container that Blueflood takes where none is named', () => {
    expect(flags('CLOUDFILES_USER=jane', 'download')).toEqual({ from: 'swift:///metric-data' })
  })

  it.each([
    ['CASSANDRA_BINXPORT_HOSTS=a:9142, b', 'cassandra://a:9142,b:9042/DATA'],
    ['CASSANDRA_BINXPORT_HOSTS=a\nCASSANDRA_BINXPORT_PORT=19042', 'cassandra://a:19042/DATA'],
    ['CASSANDRA_HOSTS=a:9160,b:9160\nROLLUP_KEYSPACE=Mine', 'cassandra://a:9042,b:9042/Mine'],
    ['CASSANDRA_HOSTS=a:9160\nCASSANDRA_BINXPORT_HOSTS=b:1', 'cassandra://b:1/DATA'],
    [
      'CASSANDRA_LOCAL_DATACENTER_NAME=dc 1\nCASSANDRA_REQUEST_TIMEOUT=10000',
      'cassandra://localhost:9042/DATA?dc=dc+1&timeout=10000ms',
    ],
  ])('names the keyspace that is written into: %j', (text, to) => {
    expect(flags(text, 'rollup')).toMatchObject({ to })
  })

  it('takes how many days rows live; blank and negative ones leave the default', () => {
    const text =
      'BASIC_ROLLUPS_MIN5=30\nBASIC_ROLLUPS_MIN20=\nBASIC_ROLLUPS_MIN60=-1\nBASIC_ROLLUPS_MIN1440=0\nRAW_METRICS_TTL=7'
    expect(flags(text, 'rollup')).toMatchObject({ 'ttl-days': 'full=7,5m=30,1440m=0' })
    expect(readBlueflood(text).used).toHaveLength(5)
  })

  it('has the keys of the manual tool where the rollup reads what is stored', () => {
    const manual = 'START_MILLIS=1392811200000\nSTOP_MILLIS=1392984000000\nSHARDS_TO_MANUALLY_ROLLUP=69,70'
    const own = {
      'start-time': '2014-02-19T12:00:00Z',
      'end-time': '2014-02-21T12:00:00Z',
      shards: '69,70',
      from: 'cassandra://localhost:9042/DATA',
    }
    expect(flags(`${manual}\nSHARDS=NONE`, 'rollup')).toMatchObject(own)
    expect(readBlueflood(`${manual}\nSHARDS=NONE`).notNeeded).toEqual(['SHARDS'])
    expect(flags(`${text}\n${manual}`, 'rollup')).toMatchObject({ from: '/data/in', shards: '0,1' })
    const both = readBlueflood(`${text}\n${manual}`, { readsStore: true })
    expect(both.flags.rollup.get('shards')).toEqual({ value: '69,70', keys: ['SHARDS_TO_MANUALLY_ROLLUP'] })
    expect(both.flags.download.get('end-time')?.keys).toEqual(['REPLAY_PERIOD_STOP'])
  })

  it('takes a buffer of no slots for one of one', () => {
    expect(flags('NUMBER_OF_BUFFERED_SLOTS=0', 'rollup')).toMatchObject({ 'buffered-slots': '1' })
  })

  it('needs no keys of connection pools and services, and does not take others for such', () => {
    const needless = `MAX_CASSANDRA_CONNECTIONS CASSANDRA_MAX_RETRIES CASSANDRA_DRIVER DATASTAX_READ_TIMEOUT_MAX_RETRIES
      MAX_TIMEOUT_WHEN_EXHAUSTED DEFAULT_CASSANDRA_PORT RIEMANN_TTL INGEST_MODE QUERY_MODULES SHARD_LOCK_HOLD_PERIOD_MS
      META_CACHE_BATCHED_READS SET_ROLLUPS_MIN5 ROLLUP_DELAY_MILLIS STRING_METRICS_TTL`.split(/\s+/)
    const unknown = ['CASSANDRA_HOST', 'ROLLUP_KEYSPACES', 'METRICS_15M_ENABLED', 'BASIC_ROLLUPS_MIN15', 'MODE']
    const text = [...needless, ...unknown].map((key) => `${key}=1`).join('\n')
    const { notNeeded, notUnderstood } = readBlueflood(text)
    expect(notNeeded).toEqual(needless.sort())
    expect(notUnderstood).toEqual([
      'BASIC_ROLLUPS_MIN15; did you mean BASIC_ROLLUPS_MIN5?',
      'CASSANDRA_HOST; did you mean CASSANDRA_HOSTS?',
      'METRICS_15M_ENABLED; did you mean METRICS_5M_ENABLED?',
      'MODE',
      'ROLLUP_KEYSPACES; did you mean ROLLUP_KEYSPACE?',
    ])
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
    ['CASSANDRA_BINXPORT_HOSTS=a b', 'invalid CASSANDRA_BINXPORT_HOSTS: expected host:port, with commas, got "a b"'],
    ['CASSANDRA_HOSTS=', 'invalid CASSANDRA_HOSTS'],
    ['CASSANDRA_BINXPORT_PORT=99999', 'invalid CASSANDRA_BINXPORT_PORT: expected a port, got "99999"'],
    ['ROLLUP_KEYSPACE=a-b', 'invalid ROLLUP_KEYSPACE: expected the name of a keyspace, got "a-b"'],
    ['CASSANDRA_REQUEST_TIMEOUT=soon', 'invalid CASSANDRA_REQUEST_TIMEOUT'],
    ['BASIC_ROLLUPS_MIN5=ten', 'invalid BASIC_ROLLUPS_MIN5: expected a whole number from 0, got "ten"'],
    ['START_MILLIS=x', 'invalid START_MILLIS'],
    ['SHARDS_TO_MANUALLY_ROLLUP=x', 'invalid SHARDS_TO_MANUALLY_ROLLUP'],
    ['DOWNLOAD_DIR=', 'invalid DOWNLOAD_DIR: expected a value, got ""'],
  ])('refuses %j', (line, message) => expect(() => readBlueflood(line)).toThrow(message))
})
