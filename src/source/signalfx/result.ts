import { Transient } from '../../bucket/bucket.ts'
import { Kind, type PointBatch } from '../../metric/points.ts'
import { formatSeries, series } from '../../metric/series.ts'
import { contains, type Range } from '../../time/range.ts'
import type { ComputationResult } from './computation.ts'

/** The points of a computation that lie in a range. Tags are the dimensions `by`, or without it all that a series has. */
export function batchOf(
  metric: string,
  { series: known, points }: ComputationResult,
  { range, by }: { range: Range; by?: readonly string[] },
): PointBatch {
  const inside = points.filter(([, time]) => contains(range, time))
  const dictionary: string[] = []
  const ids = new Map<string, number>()
  const id = (tsId: string) => {
    const properties = known.get(tsId)
    if (!properties)
      throw new Transient('server', `signalfx sent points of a series that it has not described: ${tsId}`)
    const found = ids.get(tsId) ?? dictionary.push(formatSeries(series(metric, tagsOf(properties, by)))) - 1
    ids.set(tsId, found)
    return found
  }
  return {
    input: 'signalfx',
    length: inside.length,
    dictionary,
    series: Uint32Array.from(inside, ([tsId]) => id(tsId)),
    time: Float64Array.from(inside, ([, time]) => time),
    value: Float64Array.from(inside, ([, , value]) => value),
    kind: new Uint8Array(inside.length).fill(Kind.double),
  }
}

/** A dimension that a series lacks is left out. */
function tagsOf(properties: Readonly<Record<string, unknown>>, by?: readonly string[]): Record<string, string> {
  const key = properties.sf_key
  const names = by ?? (Array.isArray(key) ? key.map(String) : Object.keys(properties))
  const isOwn = (name: string) => by !== undefined || !(name.startsWith('sf_') || name === 'computationId')
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = properties[name]
      return isOwn(name) && (typeof value === 'string' || typeof value === 'number') ? [[name, String(value)]] : []
    }),
  )
}
