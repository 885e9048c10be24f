import fc from 'fast-check'
import type { ArchiveBatch, BatchCounts } from '../../src/archive/batch.ts'
import { createDictionary, type DictionaryOptions } from '../../src/archive/dictionary.ts'
import type { Reject } from '../../src/archive/reject.ts'
import { createScanner, type ScannerOptions } from '../../src/archive/scan.ts'
import { allShards } from '../../src/archive/shards.ts'
import { pointsOfLines } from '../../src/metric/lines.ts'
import { Kind } from '../../src/metric/points.ts'
import { kernel } from '../support/kernels.ts'

export async function* pieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let i = 1; i < places.length; i++) yield bytes.subarray(places[i - 1], places[i])
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A point by name. */
export interface NamedPoint {
  readonly series: string
  readonly time: number
  readonly value: number
  readonly kind: number
  /** The integer, unless the kind is double. */
  readonly exact: bigint | undefined
  readonly line: number
}

export function pointsOf(batch: ArchiveBatch): NamedPoint[] {
  const points = pointsOfLines(batch.points)
  return Array.from({ length: points.length }, (_, i) => ({
    series: points.dictionary[points.series[i]],
    time: points.time[i],
    value: points.value[i],
    kind: points.kind[i],
    exact: points.kind[i] === Kind.double ? undefined : (points.wide?.[i] ?? BigInt(points.value[i])),
    line: points.line[i],
  }))
}

export interface Scanned {
  readonly points: NamedPoint[]
  readonly counts: BatchCounts
  readonly rejects: Reject[]
}

/** All batches as one. */
export function together(batches: readonly ArchiveBatch[]): Scanned {
  const counts = { lines: 0, rejectedLines: 0, metrics: 0, points: 0, notNumeric: 0, outOfShard: 0, rejectedMetrics: 0 }
  for (const batch of batches)
    for (const name of Object.keys(counts) as (keyof BatchCounts)[]) counts[name] += batch.counts[name]
  return { points: batches.flatMap(pointsOf), counts, rejects: batches.flatMap((batch) => batch.rejects) }
}

export type ScanOptions = Omit<ScannerOptions, 'dictionary'> &
  Partial<DictionaryOptions> & { readonly cuts?: readonly number[] }

export async function scan(content: string | Uint8Array, { cuts, shards, maxSeries, ...options }: ScanOptions = {}) {
  const dictionary = createDictionary({ shards: shards ?? allShards, maxSeries })
  const scanner = createScanner({ kernel, ...options, dictionary })
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return together(await collect(scanner.scan('file', pieces(bytes, cuts))))
}

export const metric = (fields: object = {}) => ({
  metricType: 110,
  valueDbl: 0,
  valueI64: 0,
  valueI32: 0,
  valueBool: false,
  valueStr: null,
  unitEnum: 'UNKNOWN',
  unitOtherStr: null,
  ...fields,
})

/** A line in the layout of real archives. */
export const line = (fields: object = {}, metrics: object = { m: metric() }): string =>
  JSON.stringify({
    version: 1,
    id: null,
    timestamp: 1395941810615,
    accountId: 'ac',
    tenantId: 't',
    entityId: 'en',
    checkId: 'ch',
    dimensionKey: null,
    target: null,
    checkType: 'agent.cpu',
    monitoringZoneId: null,
    collectorId: null,
    available: true,
    ...fields,
    metrics,
  })

/** Lines with the same few checks and shapes, as an archive has them, and everything that may go wrong in one. */
export const anyLine: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: soundLine() },
  { weight: 1, arbitrary: fc.constantFrom('', ' \r', '\0', 'null', '{}', '{', line({ tenantId: null }), line({}, [])) },
)

function soundLine(): fc.Arbitrary<string> {
  const id = fc.constantFrom('a', 'b', 'x"y', 'é', '', ' ', 'n,=|\\')
  const double = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(2 ** 53, 1e30, -0.5, '9007199254740993'))
  const anyMetric = fc.oneof(
    double.map((valueDbl) => metric({ valueDbl })),
    integer.map((valueI64) => metric({ metricType: 108, valueI64 })),
    integer.map((valueI32) => metric({ metricType: 73, valueI32 })),
    fc.string().map((valueStr) => metric({ metricType: 115, valueStr })),
    fc.constantFrom<unknown>(null, 1, metric({ metricType: 1 }), metric({ valueI64: 'x' }), metric({ unitEnum: '"' })),
  )
  const fields = fc.record(
    {
      id: fc.constantFrom(null, 'x'),
      timestamp: fc.oneof(fc.integer(), fc.constantFrom('17', 1.5, null)),
      tenantId: id,
      entityId: id,
      checkId: id,
      checkType: fc.constantFrom('agent.cpu', 'remote.http'),
      monitoringZoneId: fc.option(id),
      available: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const metrics = fc.dictionary(fc.constantFrom('m', 'n ', 'n', 'core.queries', 'é', '__proto__', '"'), anyMetric)
  return fc.tuple(fields, metrics).map(([some, values]) => line(some, values))
}
