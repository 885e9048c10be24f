import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDictionary } from '../../src/archive/dictionary.ts'
import { parseLine } from '../../src/archive/line.ts'
import { locatorOf } from '../../src/archive/locator.ts'
import { LineReject } from '../../src/archive/reject.ts'
import { createScanner } from '../../src/archive/scan.ts'
import { allShards, parseShards, shardOf } from '../../src/archive/shards.ts'
import { Kind } from '../../src/metric/points.ts'
import { parseSeries } from '../../src/metric/series.ts'
import { anyLine, collect, line, metric, pieces, type ScanOptions, scan as scanBy, together } from './support.ts'

const series = 't.rackspace.monitoring.entities.en.checks.agent.cpu.ch.m'

describe.each(['general', 'fast'] as const)('the scan of an archive file by the %s kernel', (kernel) => {
  const scan = (content: string, options: ScanOptions = {}) => scanBy(content, { kernel, ...options })

  it('gives the points of its lines, in order, with the lines they came from', async () => {
    const content = `${line({ timestamp: 5 })}\n\n${line({ timestamp: 3 }, { m: metric({ valueDbl: 2.5 }), n: metric() })}\n`
    const { points, counts } = await scan(content)
    expect(points.map((point) => [point.series, point.time, point.value, point.line])).toEqual([
      [series, 5, 0, 1],
      [series, 3, 2.5, 3],
      [`${series.slice(0, -1)}n`, 3, 0, 3],
    ])
    expect(counts).toMatchObject({ lines: 2, metrics: 3, points: 3, rejectedLines: 0 })
  })

  it('is the same however the bytes are cut, and however small the batches are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        async (lines, end, cuts, batchPoints) => {
          const content = lines.join(end)
          expect(await scan(content, { cuts, batchPoints })).toEqual(await scan(content))
        },
      ),
    )
  })

  it('is the sum of its lines, read one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine), async (lines) => {
        const expected = lines.flatMap((text, i) => {
          try {
            const check = parseLine(text.trim())
            const numbers = check.metrics.filter((one) => one.class === 'number')
            return numbers.map(({ name, value }) => [locatorOf(check, name), check.time, value, i + 1])
          } catch (error) {
            expect(error).toBeInstanceOf(LineReject)
            return []
          }
        })
        const { points } = await scan(lines.join('\n'))
        expect(points.map((one) => [parseSeries(one.series).name, one.time, one.value, one.line])).toEqual(expected)
      }),
    )
  })

  it('accounts for every line and every metric in exactly one class', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine), fc.constantFrom('ALL', 'NONE', '0-63'), async (lines, shards) => {
        const { points, counts, rejects } = await scan(lines.join('\n'), { shards: parseShards(shards) })
        expect(counts.metrics).toBe(counts.points + counts.notNumeric + counts.outOfShard + counts.rejectedMetrics)
        expect(counts.points).toBe(points.length)
        expect(counts.rejectedMetrics).toBe(rejects.filter((one) => one.metric !== undefined).length)
        expect(counts.rejectedLines).toBe(new Set(rejects.map((one) => one.line)).size)
        expect(counts.lines).toBe(lines.filter((text) => /[^\0-\x20]/.test(text)).length)
      }),
    )
  })

  it('keeps the series of the wanted shards, and counts the others', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`)
    const content = line({}, Object.fromEntries(names.map((name) => [name, metric()])))
    const { points, counts } = await scan(content, { shards: parseShards('3,64-127') })
    const wanted = points.map((point) => shardOf(point.series))
    expect(wanted.every((shard) => shard === 3 || shard >= 64)).toBe(true)
    expect(counts.points).toBeGreaterThan(100)
    expect(counts.points + counts.outOfShard).toBe(300)
  })

  it('decides the shard by the locator, and names the series in escaped form', async () => {
    const locator = 't.rackspace.monitoring.entities.en.checks.agent.cpu.ch.a,b'
    const content = line({}, { 'a,b': metric() })
    const { points } = await scan(content, { shards: new Set([shardOf(locator)]) })
    expect(points.map((point) => point.series)).toEqual([locator.replace(',', '\\,')])
  })

  it('carries integers beyond 2^53 exactly', async () => {
    const small = metric({ metricType: 108, valueI64: 7 })
    const huge = metric({ metricType: 76, valueI64: '9007199254740993' })
    expect((await scan(line({}, { small }))).points).toMatchObject([{ value: 7, kind: Kind.int64, exact: 7n }])
    expect((await scan(line({}, { double: metric(), small, huge }))).points).toMatchObject([
      { value: 0, kind: Kind.double },
      { value: 7, exact: 7n },
      { value: 9007199254740992, exact: 9007199254740993n },
    ])
  })
})

describe.each(['general', 'fast'] as const)('bad input of the %s kernel', (kernel) => {
  const scan = (content: string | Uint8Array, options: ScanOptions = {}) => scanBy(content, { kernel, ...options })

  const sound = Buffer.from(`${line()}\n`)
  const around = (bad: Uint8Array | string) => scan(Buffer.concat([sound, Buffer.from(bad), Buffer.from('\n'), sound]))

  it.each([
    ['invalid UTF-8', Buffer.from(line({ target: 'X' }).replace('X', '\xff'), 'latin1')],
    ['invalid UTF-8', Buffer.from('eda080', 'hex')],
    ['invalid JSON', 'no JSON'],
    ['invalid JSON', line().replace('"t"', '"\0"')],
    ['invalid JSON', `${line()}${line()}`],
    ['nested too deeply', '['.repeat(100_000)],
    ['not an object', 'null'],
    ['missing tenantId', line({ tenantId: null })],
  ])('costs its line alone: %s', async (reason, bad) => {
    const { counts, rejects } = await around(bad)
    expect(counts).toMatchObject({ lines: 3, points: 2, rejectedLines: 1 })
    expect(rejects).toMatchObject([{ line: 2, reason }])
    expect(rejects[0].metric).toBeUndefined()
    expect(rejects[0].text).toBe(Buffer.from(bad).toString().slice(0, 1024))
  })

  it('in a metric costs that metric alone, and its line counts once', async () => {
    const { counts, rejects } = await around(line({}, { a: null, b: metric(), c: metric({ metricType: 1 }) }))
    expect(counts).toMatchObject({ lines: 3, metrics: 5, points: 3, rejectedLines: 1, rejectedMetrics: 2 })
    expect(rejects.map(({ line: at, metric: name, reason }) => [at, name, reason])).toEqual([
      [2, 'a', 'metric not an object'],
      [2, 'c', 'unknown metric type'],
    ])
  })

  it.each([[[]], [[10]], [[5, 300, 301, 900]]])('that is too long costs its line alone, cut at %j', async (cuts) => {
    const longest = line().length
    const content = `${line()}\n${line({ target: 'much longer' })}\n${line()}\n${' '.repeat(longest + 1)}`
    const { counts, rejects } = await scan(content, { cuts, maxLine: longest })
    expect(counts).toMatchObject({ lines: 4, points: 2, rejectedLines: 2 })
    expect(rejects.map((one) => [one.line, one.reason])).toEqual([
      [2, 'line too long'],
      [4, 'line too long'],
    ])
  })

  it('never holds a line that is too long', async () => {
    const piece = Buffer.alloc(1 << 20, 'x')
    async function* endless() {
      for (let i = 0; i < 400; i++) yield piece
      yield Buffer.from(`\n${line()}`)
    }
    const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: allShards }), maxLine: 1 << 20 })
    const before = process.memoryUsage.rss()
    const { counts, rejects } = together(await collect(scanner.scan('file', endless())))
    expect(rejects).toMatchObject([{ line: 1, reason: 'line too long' }])
    expect(counts.points).toBe(1)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6)
  })

  it('does not come from a byte order mark, carriage returns, NULs around a line, or a missing last line end', async () => {
    const content = `\ufeff${line()}\r\n\0${line()}\0\n \n\r\n${line()}`
    const { counts } = await scan(content)
    expect(counts).toMatchObject({ lines: 3, points: 3, rejectedLines: 0 })
  })

  it('is a byte order mark anywhere else', async () => {
    expect((await around(`\ufeff${line()}`)).rejects).toMatchObject([{ line: 2, reason: 'invalid JSON' }])
  })

  it('may be a stream that breaks: what was whole before counts, then the error is thrown', async () => {
    async function* broken() {
      yield Buffer.from(`${line()}\n${line()}\n{"half`)
      throw new Error('unexpected end of file')
    }
    const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: allShards }) })
    const batches = scanner.scan('file', broken())
    expect((await batches.next()).value?.counts).toMatchObject({ lines: 2, points: 2, rejectedLines: 0 })
    await expect(batches.next()).rejects.toThrow('unexpected end of file')
  })

  it('in masses does not swell a batch', async () => {
    const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: allShards }) })
    const batches = await collect(scanner.scan('file', pieces(Buffer.from('x\n'.repeat(5000)))))
    expect(Math.max(...batches.map((batch) => batch.rejects.length))).toBeLessThanOrEqual(1024)
    expect(together(batches).rejects).toHaveLength(5000)
  })
})

describe('the dictionary', () => {
  it('keeps numbers across files, and starts anew once it is too large', async () => {
    const dictionary = createDictionary({ shards: allShards, maxSeries: 3 })
    const scanner = createScanner({ dictionary })
    const read = async (...names: string[]) => {
      const metrics = Object.fromEntries(names.map((name) => [name, metric()]))
      const [{ points }] = await collect(scanner.scan('file', pieces(Buffer.from(line({}, metrics)))))
      const { family, families } = points
      return { family: [...family], families, names: families.at(-1)?.names }
    }
    const first = await read('a', 'b')
    const second = await read('b', 'c')
    const third = await read('c')
    expect([first.family, second.family, third.family]).toEqual([[0], [1], [0]])
    expect(second.families).toBe(first.families)
    expect(third.families).not.toBe(first.families)
    expect([second.names, third.names]).toEqual([['b', 'c'], ['c']])
  })
})
