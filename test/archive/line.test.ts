import { describe, expect, it } from 'vitest'
import { type Check, type Metric, parseLine } from '../../src/archive/line.ts'
import { Kind } from '../../src/metric/points.ts'

const ids = { accountId: 'ac', tenantId: 't', entityId: 'en', checkId: 'ch', checkType: 'agent.cpu' }
const sound = { metricType: 110, valueDbl: 1.5, valueI64: 2, valueI32: 3 }

const check = (fields: object = {}): Check => parseLine(JSON.stringify({ ...ids, timestamp: 1000, ...fields }))

/** Reads one metric; `fields` may hold JSON text as it is, where JSON.stringify could not write it. */
function metric(fields: object | string | number | null): Metric {
  const text = typeof fields === 'object' ? JSON.stringify(fields && { ...sound, ...fields }) : String(fields)
  return parseLine(JSON.stringify({ ...ids, metrics: { m: 0 } }).replace('{"m":0}', `{"m":${text}}`)).metrics[0]
}

const raw = (field: string, value: string) =>
  metric(JSON.stringify({ ...sound, [field]: 0 }).replace(`"${field}":0`, `"${field}":${value}`))

const line = `{"version":1,"id":null,"timestamp":1395941810615,"accountId":"ac4ubIxzmW","tenantId":"898450","entityId":"enC6anIcNY","checkId":"chOdIdiZu0","dimensionKey":null,"target":null,"checkType":"agent.load_average","monitoringZoneId":null,"collectorId":null,"available":true,"metrics":{"15m":{"metricType":110,"valueDbl":0.05,"valueI64":0,"valueI32":0,"valueBool":false,"valueStr":null,"unitEnum":"UNKNOWN","unitOtherStr":null}}}`

describe('a line', () => {
  it('is a check with its metrics', () => {
    expect(parseLine(line)).toEqual({
      tenantId: '898450',
      entityId: 'enC6anIcNY',
      checkId: 'chOdIdiZu0',
      checkType: 'agent.load_average',
      monitoringZoneId: 'suspected-agent',
      time: 1395941810615,
      metrics: [{ name: '15m', class: 'number', kind: Kind.double, value: 0.05 }],
    })
  })

  it.each(['accountId', 'tenantId', 'entityId', 'checkId', 'checkType'])('must have %s, not null', (field) => {
    expect(() => check({ [field]: undefined })).toThrow(`missing ${field}`)
    expect(() => check({ [field]: null })).toThrow(`missing ${field}`)
    expect(() => check({ [field]: '' })).not.toThrow()
  })

  it.each(['id', 'accountId', 'tenantId', 'target', 'monitoringZoneId', 'collectorId'])(
    'takes a number or boolean for the text of %s, but nothing nested',
    (field) => {
      expect(() => check({ [field]: 12 })).not.toThrow()
      expect(() => check({ [field]: true })).not.toThrow()
      expect(() => check({ [field]: {} })).toThrow(`invalid ${field}`)
      expect(() => check({ [field]: [] })).toThrow(`invalid ${field}`)
    },
  )

  it('takes a number for text as it is written', () => {
    expect(parseLine(line.replace('"898450"', '1.50e1')).tenantId).toBe('1.50e1')
    expect(check({ checkId: false }).checkId).toBe('false')
  })

  it.each([
    ['1400122830000', 1400122830000],
    ['"1400122830000"', 1400122830000],
    ['1.40012283e12', 1400122830000],
    ['1400122830000.0', 1400122830000],
    ['" 1e3 "', 1000],
    ['-1', -1],
    ['-0', 0],
    ['8640000000000000', 8.64e15],
    ['null', 0],
  ])('has the timestamp %s', (text, time) => {
    expect(parseLine(JSON.stringify({ ...ids, timestamp: 0 }).replace(':0', `:${text}`)).time).toBe(time)
  })

  it('without a timestamp is of the epoch', () => {
    expect(check({ timestamp: undefined }).time).toBe(0)
  })

  it.each(['1.5', '"x"', '""', 'true', '{}', 'NaN', 'Infinity', '8640000000000001', '9223372036854775807'])(
    'is rejected for the timestamp %s',
    (text) => {
      const bad = JSON.stringify({ ...ids, timestamp: 0 }).replace(':0', `:${text}`)
      expect(() => parseLine(bad)).toThrow('invalid timestamp')
    },
  )

  it('may have no metrics', () => {
    expect(check().metrics).toEqual([])
    expect(check({ metrics: null }).metrics).toEqual([])
    expect(check({ metrics: {} }).metrics).toEqual([])
  })

  it.each([0, 'x', true, [[]]])('is rejected where metrics is %j', (metrics) => {
    expect(() => check({ metrics })).toThrow('invalid metrics')
  })

  it('is rejected where a metric stands twice, however it is spelt', () => {
    const twice = line.replace(/"15m":(\{.*?\})/, '"15m":$1,"15\\u006d":$1')
    expect(() => parseLine(twice)).toThrow('repeated metric')
  })

  it('counts the last of a repeated field, at the top and in a metric', () => {
    expect(parseLine(line.replace('"version":1', '"tenantId":"x"')).tenantId).toBe('898450')
    expect(parseLine(line.replace('"valueI32":0', '"valueDbl":7,"valueI32":0')).metrics[0]).toMatchObject({ value: 7 })
  })

  it.each(['null', '[]', '1', '"x"', 'NaN'])('is rejected where it is %s', (text) => {
    expect(() => parseLine(text)).toThrow('not an object')
  })

  it('ignores keys that it does not know', () => {
    expect(check({ other: [{ a: [1] }], available: 'maybe' }).metrics).toEqual([])
  })
})

describe('a metric', () => {
  const { double, int32, int64 } = Kind
  it.each([
    [110, double, 1.5],
    [108, int64, 2],
    [76, int64, 2],
    [105, int32, 3],
    [73, int32, 3],
    ['110', double, 1.5],
    [110.9, double, 1.5],
  ])('of type %j has the kind %i and its value from the field of that type', (metricType, kind, value) => {
    expect(metric({ metricType })).toEqual({ name: 'm', class: 'number', kind, value })
  })

  it.each([115, 98, '115'])('of type %j is not numeric', (metricType) => {
    expect(metric({ metricType, valueStr: 'rw' })).toEqual({ name: 'm', class: 'not numeric' })
  })

  it.each([0, 111, -1, 110 + 65536, 1e300, '76.0'])('of type %j is rejected', (metricType) => {
    const reason = metricType === '76.0' ? 'invalid metricType' : 'unknown metric type'
    expect(metric({ metricType })).toMatchObject({ name: 'm', class: 'reject', reason })
  })

  it.each(['n', true, {}, [], ''])('of type %j is malformed', (metricType) => {
    expect(metric({ metricType })).toMatchObject({ class: 'reject', reason: 'invalid metricType' })
  })

  it.each(['metricType', 'valueDbl', 'valueI64', 'valueI32'])('must have %s, whatever its type', (field) => {
    for (const metricType of [110, 115])
      expect(metric({ metricType, [field]: null })).toMatchObject({ class: 'reject', reason: `missing ${field}` })
  })

  it.each(['metricType', 'valueDbl', 'valueI64', 'valueI32'])(
    'must have a number in %s, whatever its type',
    (field) => {
      for (const value of ['x', '', '1,5', true, [], {}])
        expect(metric({ [field]: value })).toMatchObject({ class: 'reject', reason: `invalid ${field}` })
    },
  )

  it.each(['null', '7', '[]', '"x"', 'true'])('is rejected where it is %s, and the text is kept', (text) => {
    expect(metric(text)).toEqual({ name: 'm', class: 'reject', reason: 'metric not an object', text })
  })

  it.each([
    ['1e-7', 1e-7],
    ['9007199254740993', 9007199254740992],
    ['-0', -0],
    ['1e400', Infinity],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
    ['"NaN"', NaN],
    ['"+Infinity"', Infinity],
    ['" 1.5d "', 1.5],
    ['".5"', 0.5],
    ['"1."', 1],
  ])('has the double %s', (text, value) => {
    expect(raw('valueDbl', text)).toEqual({ name: 'm', class: 'number', kind: double, value })
  })

  it.each([
    ['-2.9', -2, undefined],
    ['-0.5', 0, undefined],
    ['9007199254740991', 9007199254740991, undefined],
    ['9007199254740993', 9007199254740992, 9007199254740992n],
    ['"9007199254740993"', 9007199254740992, 9007199254740993n],
    ['"+5"', 5, undefined],
    ['1e30', 2 ** 63, 2n ** 63n - 1n],
    ['-1e30', -(2 ** 63), -(2n ** 63n)],
    ['18446744073709551615', 2 ** 63, 2n ** 63n - 1n],
    ['"-9223372036854775808"', -(2 ** 63), -(2n ** 63n)],
    ['NaN', 0, undefined],
    ['Infinity', 2 ** 63, 2n ** 63n - 1n],
  ])('has the int64 %s', (text, value, exact) => {
    const integer = raw('valueI64', text)
    const long = parseLine(
      JSON.stringify({ ...ids, metrics: { m: { ...sound, metricType: 108, valueI64: '#' } } }).replace('"#"', text),
    ).metrics[0]
    expect(integer.class).toBe('number')
    expect(long).toEqual({ name: 'm', class: 'number', kind: int64, value, ...(exact === undefined ? {} : { exact }) })
  })

  it.each(['"9223372036854775808"', '"1.5"', '"1e3"', '" 1"'])('is rejected for the int64 %s', (text) => {
    expect(raw('valueI64', text)).toMatchObject({ reason: 'invalid valueI64' })
  })

  it.each([
    ['2147483648', 2147483647],
    ['-1e99', -2147483648],
    ['-2.9', -2],
    ['-0.5', 0],
    ['NaN', 0],
    ['"-0"', 0],
    ['"2147483647"', 2147483647],
  ])('has the int32 %s', (text, value) => {
    const json = JSON.stringify({ ...ids, metrics: { m: { ...sound, metricType: 105, valueI32: '#' } } })
    expect(parseLine(json.replace('"#"', text)).metrics[0]).toEqual({ name: 'm', class: 'number', kind: int32, value })
  })

  it.each(['"2147483648"', '"1.0"'])('is rejected for the int32 %s', (text) => {
    expect(raw('valueI32', text)).toMatchObject({ reason: 'invalid valueI32' })
  })

  it('that is rejected costs no other metric of the line', () => {
    const { metrics } = check({ metrics: { a: sound, b: null, c: { ...sound, metricType: 115 }, d: sound } })
    expect(metrics.map((one) => one.class)).toEqual(['number', 'reject', 'not numeric', 'number'])
  })

  it('keeps at most 1024 characters of a rejected text', () => {
    const [long] = check({ metrics: { m: { valueStr: 'x'.repeat(5000) } } }).metrics
    expect(long.class === 'reject' && long.text).toHaveLength(1024)
  })
})
