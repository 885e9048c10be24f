import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseShards } from '../../src/archive/shards.ts'
import { collisions } from './collisions.ts'
import { anyNumber, decimal } from './strange.ts'
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

  it('for a check of three shapes in turn, of whose metrics some are of other shards', async () => {
    const shapes = ['abc', 'defg', 'hijkl'].map((names) => [...names].map((name, i) => [name, metric({ valueI64: i })]))
    const content = Array.from({ length: 30 }, (_, i) => line({}, Object.fromEntries(shapes[i % 3]))).join('\n')
    const shards = parseShards('0-63')
    const found = await scan(content, { kernel: 'fast', shards })
    expect(found).toEqual(await scan(content, { kernel: 'general', shards }))
    expect(found.counts.points * found.counts.outOfShard).toBeGreaterThan(0)
  })

  it('for a metric of so many values that its template is large', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    await agree([line({}, Object.fromEntries(names.map((name, i) => [name, metric({ valueDbl: i / 8 })])))])
  })

  it('for checks whose keys have the same hash', async () => {
    const ids = await collisions(['t', 'en'], ['agent.cpu'])
    expect(ids.length).toBeGreaterThan(1)
    // The first line is learnt from: of those behind it the checks are told apart by their keys alone.
    const lines = ids.flat().map((checkId, i) => line({ checkId }, { m: metric({ valueDbl: i }) }))
    await agree([line(), ...lines])
  })

  it('for checks and metrics whose locators are the same', async () => {
    const names = ['m', 'm ', ' m', 'x.m', 'm\t'].map((name) => [name, metric({ valueDbl: name.length })])
    const ids = ['ch', 'ch.x', 'ch.', ' ch']
    const lines = ids.flatMap((checkId) => names.map((some) => line({ checkId }, Object.fromEntries([some]))))
    await agree([...lines, ...ids.map((checkId) => line({ checkId }, Object.fromEntries(names)))])
  })

  it('for a line that lacks what others have behind their metrics', async () => {
    const { metrics, ...fields } = JSON.parse(line({ monitoringZoneId: 'mz', checkType: 'remote.http' }))
    for (const name of Object.keys(fields)) {
      const { [name]: value, ...others } = fields
      const behind = { ...others, metrics, [name]: value }
      await agreeOnce([JSON.stringify(behind), line(fields, metrics), JSON.stringify({ ...others, metrics })])
    }
  })

  it('for a line at the end of a window that is shorter than a template', async () => {
    const long = `${line({}, { m: metric(), n: metric({ unitEnum: 'é'.repeat(1 << 19) }) })}\n`
    const short = `${line({}, { m: metric(), n: metric() })}\n`
    for (let size = 3 << 20; size < 10 << 20; size += 1 << 19) {
      const window = `${' '.repeat(size - short.length)}\n${short}`
      const options = { cuts: [Buffer.byteLength(long)], maxLine: 32 << 20 }
      const { counts } = await scan(long + window, { ...options, kernel: 'fast' })
      expect(counts).toMatchObject({ lines: 2, points: 4, rejectedLines: 0 })
    }
  })
})
