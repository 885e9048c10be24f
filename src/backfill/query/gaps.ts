import type { PointBatch } from '../../metric/points.ts'
import type { Query, Source } from '../../source/source.ts'
import { always, type Range, type Time } from '../../time/range.ts'

/** Stretches of time in which a series should have points and has none. */
export interface SeriesGaps {
  readonly series: string
  readonly points: number
  /** Ms between two points: as given, or the one that is most usual in the series. */
  readonly every: number
  readonly holes: readonly Range[]
}

export interface GapOptions {
  readonly query?: Query
  /** Ms between two points; absent: what is usual in each series. */
  readonly every?: number
  /** Without it holes are looked for between the first and the last point of a series. */
  readonly range?: Range
  readonly signal?: AbortSignal
}

/** Finds the holes of every series of a source that has points. Memory holds the times of all of them. */
export async function findGaps(
  source: Source,
  { query = {}, every, range, signal }: GapOptions,
): Promise<SeriesGaps[]> {
  const times = new Map<string, Time[]>()
  for await (const batch of source.read(query, range ?? always, { signal })) addTimes(times, batch)
  return [...times]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([series, found]) => gapsOf(series, found, { every, range }))
}

function addTimes(times: Map<string, Time[]>, { length, dictionary, series, time }: PointBatch): void {
  for (let i = 0; i < length; i++) {
    const text = dictionary[series[i]]
    const known = times.get(text) ?? []
    times.set(text, known)
    known.push(time[i])
  }
}

function gapsOf(series: string, found: Time[], { every, range }: Pick<GapOptions, 'every' | 'range'>): SeriesGaps {
  const times = Float64Array.from(found).sort()
  const step = every ?? usualStep(times)
  return { series, points: times.length, every: step, holes: holesBetween(times, step, range) }
}

/**
 * The parts of a range, or of the time from the first point to the last, in which a point is due and none comes: each point stands for
 * the `every` ms from its own time on, and half of that is tolerated.
 */
export function holesBetween(times: ArrayLike<Time>, every: number, range?: Range): Range[] {
  if (times.length === 0) return range ? [range] : []
  const holes: Range[] = []
  const add = (start: Time, end: Time) => {
    if (end - start > every / 2) holes.push({ start, end })
  }
  if (range) add(range.start, times[0])
  for (let i = 1; i < times.length; i++) add(times[i - 1] + every, times[i])
  if (range) add(times[times.length - 1] + every, range.end)
  return holes
}

/** The distance between neighbours that is found most often, the shortest of several. */
function usualStep(times: Float64Array): number {
  const counts = new Map<number, number>()
  for (let i = 1; i < times.length; i++)
    counts.set(times[i] - times[i - 1], (counts.get(times[i] - times[i - 1]) ?? 0) + 1)
  const [usual] = [...counts].filter(([step]) => step > 0).sort(([a, m], [b, n]) => n - m || a - b)
  return usual?.[0] ?? Number.POSITIVE_INFINITY
}
