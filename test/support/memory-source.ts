import { seriesPoints } from '../../src/metric/points.ts'
import type { Source } from '../../src/source/source.ts'

/** A source of points kept in memory: series by text form, points as `[ms, value]`. */
export function memorySource(series: Readonly<Record<string, readonly (readonly [number, number])[]>>): Source {
  return {
    order: 'series',
    async *read() {
      const dictionary = Object.keys(series)
      for (const [id, points] of Object.values(series).entries())
        yield seriesPoints(points, { input: 'memory', dictionary, id })
    },
  }
}
