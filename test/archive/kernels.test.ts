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

/** Numbers as they may be written, near every limit that the fast kernel has. */
const anyNumber = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.tuple(fc.bigInt(), fc.nat(30)).map(([digits, point]) => decimal(digits, point)),
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
    const fields = ['"timestamp"', '"valueDbl"', '"valueI64"', '"valueI32"', '"metricType"', '"version"', '"accountId"']
    const types = line(
      {},
      { a: metric(), b: metric({ metricType: 108 }), c: metric({ metricType: 105 }), d: metric({ metricType: 115 }) },
    )
    const rewrite = (field: string, number: string) =>
      types.replace(new RegExp(`${field}:[^,]*`, 'g'), `${field}:${number}`)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.array(anyNumber, { maxLength: 5 }), (field, numbers) =>
        agree([types, ...numbers.map((number) => rewrite(field, number))]),
      ),
      runs,
    )
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

  it('for checks that share all but one key, and change their shape', async () => {
    const key = fc.constantFrom('', 'a', 'aa', 'b', 'a"', 'é', null, 1, true)
    const fields = fc.record({ tenantId: key, entityId: key, checkId: key, checkType: key, monitoringZoneId: key })
    const metrics = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 2 })
    const lines = fc.tuple(fields, metrics).map(([some, names]) => {
      return line(some, Object.fromEntries(names.map((name) => [name, metric({ valueDbl: 0.1 })])))
    })
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { maxLength: 20 }), (some) => agree(some)),
      runs,
    )
  })

  it('for more shapes and checks than it remembers', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) =>
      line({ checkId: `ch${i % 7}` }, { [`m${i}`]: metric({ valueDbl: i }), m: metric({ valueI64: i }) }),
    )
    await agree(lines)
  })

  it('for a metric of so many values that its template is large', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    await agree([line({}, Object.fromEntries(names.map((name, i) => [name, metric({ valueDbl: i / 8 })])))])
  })
})
