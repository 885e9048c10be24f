import { Kind, type PointBatch } from '../../src/metric/points.ts'
import type { Source } from '../../src/source/source.ts'

/** A source of points kept in memory: series by text form, points as `[ms, value]`. */
export function memorySource(series: Readonly<Record<string, readonly (readonly [number, number])[]>>): Source {
  return {
    order: 'series',
    async *read() {
      const dictionary = Object.keys(series)
      for (const [id, points] of Object.values(series).entries()) yield batchOf(dictionary, id, points)
    },
  }
}

function batchOf(
  dictionary: readonly string[],
  id: number,
  points: readonly (readonly [number, number])[],
): PointBatch {
  return {
    input: 'memory',
    length: points.length,
    dictionary,
    series: new Uint32Array(points.length).fill(id),
    time: Float64Array.from(points, ([time]) => time),
    value: Float64Array.from(points, ([, value]) => value),
    kind: new Uint8Array(points.length).fill(Kind.double),
  }
}
