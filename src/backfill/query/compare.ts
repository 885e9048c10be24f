import { createHash } from 'node:crypto'
import type { PointBatch } from '../../metric/points.ts'
import type { Query, Source } from '../../source/source.ts'
import type { Range } from '../../time/range.ts'

/** What can be told of the points of a series without keeping them. */
export interface SeriesSummary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** 16 hex digits; the same for the same points in any order. */
  readonly hash: string
}

/** A series that is not the same on both sides; absent where a side has no point of it. */
export interface SeriesDifference {
  readonly series: string
  readonly from?: SeriesSummary
  readonly to?: SeriesSummary
}

export interface Comparison {
  readonly series: number
  readonly same: number
  /** On the first side. */
  readonly points: number
  readonly different: readonly SeriesDifference[]
}

/** Compares the points of two sources, series by series. Memory holds a few numbers for each series. */
export async function compareSources(
  { from, to }: { from: Source; to: Source },
  { query = {}, range }: { query?: Query; range: Range },
  signal?: AbortSignal,
): Promise<Comparison> {
  const [a, b] = await Promise.all([from, to].map((source) => summarise(source.read(query, range, { signal }))))
  const names = [...new Set([...a.keys(), ...b.keys()])].sort()
  const different = names
    .map((series): SeriesDifference => ({ series, from: a.get(series), to: b.get(series) }))
    .filter((both) => !isSame(both))
  const points = [...a.values()].reduce((sum, { count }) => sum + count, 0)
  return { series: names.length, same: names.length - different.length, points, different }
}

const isSame = ({ from, to }: SeriesDifference): boolean => from?.count === to?.count && from?.hash === to?.hash

interface Running {
  count: number
  sum: number
  min: number
  max: number
  hash: bigint
}

async function summarise(batches: AsyncIterable<PointBatch>): Promise<Map<string, SeriesSummary>> {
  const all = new Map<string, Running>()
  for await (const { length, dictionary, series, time, value } of batches) {
    for (let i = 0; i < length; i++) {
      const text = dictionary[series[i]]
      const known = all.get(text) ?? {
        count: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        hash: 0n,
      }
      all.set(text, known)
      addPoint(known, time[i], value[i])
    }
  }
  const entries = [...all].map(
    ([text, { hash, ...rest }]) => [text, { ...rest, hash: hash.toString(16).padStart(16, '0') }] as const,
  )
  return new Map(entries)
}

const columns = new Float64Array(2)
const bytes = new Uint8Array(columns.buffer)

/** Hashes of points are added up, so that their order does not matter. */
function addPoint(running: Running, time: number, value: number): void {
  running.count++
  running.sum += value
  running.min = Math.min(running.min, value)
  running.max = Math.max(running.max, value)
  columns[0] = time
  columns[1] = Number.isNaN(value) ? Number.NaN : value
  running.hash = BigInt.asUintN(64, running.hash + createHash('sha256').update(bytes).digest().readBigUInt64LE())
}
