import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseShards } from '../../src/archive/shards.ts'
import { anyLine, line, metric, scan } from './support.ts'

const newLine = Buffer.from('\n')

/** Both kernels read the lines, given twice over so that the second time there are templates for them. */
async function agree(lines: readonly (string | Uint8Array)[], options: { cuts?: number[]; shards?: string } = {}) {
  const content = Buffer.concat([...lines, ...lines].flatMap((one) => [Buffer.from(one), newLine]))
  const shards = parseShards(options.shards ?? 'ALL')
  const expected = await scan(content, { kernel: 'general' })
  expect(await scan(content, { ...options, kernel: 'fast', shards: undefined })).toEqual(expected)
  expect(await scan(content, { cuts: options.cuts, batchPoints: 3, maxSeries: 2, kernel: 'fast', shards })).toEqual(
    await scan(content, { kernel: 'general', shards }),
  )
}

async function agreeOnce(lines: readonly (string | Uint8Array)[]) {
  const content = Buffer.concat(lines.flatMap((one) => [Buffer.from(one), newLine]))
  const [fast, general] = [await scan(content, { kernel: 'fast' }), await scan(content, { kernel: 'general' })]
  expect(isDeepStrictEqual(fast, general)).toBe(true)
}

/** Numbers as they may be written, near every limit that the fast kernel has. */
const anyNumber = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.tuple(fc.bigInt(), fc.nat(40)).map(([digits, point]) => decimal(digits, point)),
  fc
    .tuple(fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }), fc.nat(40))
    .map(([digits, point]) => decimal(digits, point)),
  fc.tuple(fc.integer(), fc.constantFrom('e', 'E', 'e+', 'e-'), fc.nat(330)).map((parts) => parts.join('')),
  fc.constantFrom('-0', '0.0', '-0.0', '01', '-', '1.', '.1', '+1', '1e', '2147483648', '-2147483648', '-2147483649'),
  fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '1e400', 'NaN'),
  fc.constantFrom('"1"', '"9223372036854775807"', 'null', 'true', '{}', '8640000000000001', '99999999999999999999'),
)

function decimal(digits: bigint, point: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(point + 1, '0')
  const sign = digits < 0n ? '-' : ''
  return point === 0 ? sign + text : `${sign}${text.slice(0, -point)}.${text.slice(-point)}`
}

/** Puts `patch` in the place of some bytes. */
const patched = (text: string, at: number, { length, patch }: { length: number; patch: Uint8Array }) => {
  const bytes = Buffer.from(text)
  const i = at % (bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, i), patch, bytes.subarray(i + length)])
}

const runs = { numRuns: process.env.TORTURE ? 20_000 : 200 }

describe('the fast kernel gives what the general one gives', () => {
  it('for any lines, cuts, shards and sizes of batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine),
        fc.array(fc.nat()),
        fc.constantFrom('ALL', 'NONE', '0-63'),
        (lines, cuts, shards) => agree(lines, { cuts, shards }),
      ),
      runs,
    )
  })

  it('for lines of which some bytes are changed, put in or left out', async () => {
    const patch = fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc
        .constantFrom('"', '\\', '{', '}', ',', ' ', '\r', '0', '-', '\\u0041', 'é', '\0', ',"m":1')
        .map((text) => Buffer.from(text)),
    )
    const change = fc.record({ at: fc.nat(), length: fc.nat(2), patch })
    await fc.assert(
      fc.asyncProperty(anyLine, fc.array(change, { minLength: 1, maxLength: 8 }), (text, changes) =>
        agree([text, ...changes.map((one) => patched(text, one.at, one))]),
      ),
      runs,
    )
  })

  it('for numbers in any notation, in every field', async () => {
    const fields = ['timestamp', 'valueDbl', 'valueI64', 'valueI32', 'metricType', 'version', 'accountId']
    const types = line(
      {},
      Object.fromEntries([110, 108, 105, 115].map((metricType) => [metricType, metric({ metricType })])),
    )
    const rewrite = (field: string, number: string) =>
      types.replace(new RegExp(`"${field}":[^,]*`, 'g'), `"${field}":${number}`)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.array(anyNumber, { minLength: 50, maxLength: 50 }),
        (field, numbers) => agreeOnce([types, ...numbers.map((number) => rewrite(field, number))]),
      ),
      { numRuns: runs.numRuns / 2 },
    )
  })

  it('for doubles of so many digits that dividing by a power of ten would not do', async () => {
    const hard = fc.tuple(fc.bigInt({ min: 2n ** 50n, max: 2n ** 54n }), fc.integer({ min: 15, max: 30 }))
    const doubles = fc
      .array(hard, { minLength: 2000, maxLength: 2000 })
      .map((some) =>
        some.map(([digits, point]) =>
          line({}, { m: metric({ valueDbl: '#' }) }).replace('"#"', decimal(digits, point)),
        ),
      )
    await fc.assert(fc.asyncProperty(doubles, agreeOnce), { numRuns: 3, endOnFailure: true })
  })

  it('for a last line that breaks off anywhere', async () => {
    const whole = line({ monitoringZoneId: 'mz' }, { m: metric(), n: metric({ metricType: 115, valueStr: 'a' }) })
    for (let length = 0; length < whole.length; length++) await agreeOnce([`${whole}\n${whole.slice(0, length)}`])
  })

  it('for keys in any order, with keys missing, repeated or spelt otherwise', async () => {
    const pairs = Object.entries(JSON.parse(line({ available: true }, { m: metric(), n: metric({ metricType: 108 }) })))
    const key = fc.constantFrom(...pairs).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    const spelt = key.map((text) => text.replace('t', '\\u0074'))
    const order = fc.shuffledSubarray(pairs, { minLength: 12 }).map((some) => JSON.stringify(Object.fromEntries(some)))
    const anyOrder = fc.tuple(order, fc.oneof(key, spelt)).map(([text, more]) => `${text.slice(0, -1)},${more}}`)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(order, anyOrder), { maxLength: 6 }), (lines) => agree(lines)),
      runs,
    )
  })

  it('for every line that differs from a known one in a single byte', async () => {
    const known = line(
      { id: 'x', accountId: 7, monitoringZoneId: 'mz', é: 'a' },
      {
        double: metric(),
        'int é': metric({ metricType: 105, valueDbl: 2 }),
        text: metric({ metricType: 115, valueStr: 'a' }),
      },
    )
    const patches = ['', '"', '\\', '}', ',', ' ', '0', '-', '.', 'e', 'z', '\xe9', '\0', '\r'].map((byte) =>
      Buffer.from(byte, 'latin1'),
    )
    const places = Array.from({ length: Buffer.byteLength(known) + 1 }, (_, at) => at)
    for (const patch of patches) {
      await agreeOnce([known, ...places.map((at) => patched(known, at, { length: 1, patch }))])
      await agreeOnce([known, ...places.map((at) => patched(known, at, { length: 0, patch }))])
    }
  })

  it('for lines near the longest that are read', async () => {
    const lines = ['a', 'aa', 'aaa'].map((tenantId) => line({ tenantId }))
    const options = { maxLine: lines[1].length }
    const expected = await scan(lines.join('\n'), { ...options, kernel: 'general' })
    expect(await scan(lines.join('\n'), { ...options, kernel: 'fast' })).toEqual(expected)
    expect(expected.rejects.map((reject) => reject.line)).toEqual([3])
  })

  it('for a check whose shape changes to and fro', async () => {
    const shape = fc.shuffledSubarray(['a', 'b', 'c', 'd']).map((names) => {
      return line({}, Object.fromEntries(names.map((name) => [name, metric({ valueDbl: name.charCodeAt(0) })])))
    })
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { maxLength: 30 }), (lines) => agree(lines)),
      runs,
    )
  })

  it('for checks that share all but one key', async () => {
    // 'Aa' and 'BB' have the same hash.
    const key = fc.constantFrom('', 'a', 'Aa', 'BB', 'b', 'a"', 'é', null, 1, true, false)
    const names = ['tenantId', 'entityId', 'checkId', 'checkType', 'monitoringZoneId']
    const anyCheck = fc.tuple(fc.constantFrom(...names), key).map(([name, value]) => {
      return line({ checkType: 'remote.http', monitoringZoneId: 'mz', [name]: value })
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyCheck, { maxLength: 30 }), (lines) => agree(lines)),
      runs,
    )
  })

  it('for more shapes and checks than it remembers', async () => {
    const lines = Array.from({ length: 1100 }, (_, i) =>
      line({ checkId: `ch${i % 7}` }, { [`m${i}`]: metric({ valueDbl: i }), m: metric({ valueI64: i }) }),
    )
    await agree(lines)
  })

  it('for a metric of so many values that its template is large', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    await agree([line({}, Object.fromEntries(names.map((name, i) => [name, metric({ valueDbl: i / 8 })])))])
  })
})
