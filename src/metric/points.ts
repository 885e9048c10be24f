import type { Time } from '../time/range.ts'

/** The kind of number that a point's source gave. */
export const Kind = { int32: 0, int64: 1, double: 2 } as const

export type Kind = (typeof Kind)[keyof typeof Kind]

/**
 * Points in columns, all of length `length`. Buffers may be transferred between threads.
 *
 * - `series[i]` indexes `dictionary`, which is append-only for the stream the batch is of: ids stay good for later batches
 *   that carry the same array.
 * - `time[i]` is in ms UTC; `value[i]` the number as a double; `kind[i]` a {@link Kind}.
 * - `wide[i]`, present only when some integer lies beyond 2^53, is the exact integer where `kind[i]` is not double.
 * - `line[i]` is the line of the input it came from (from 1), for inputs that have lines.
 */
export interface PointBatch {
  /** The name of the input, such as a file, that the points came from. */
  readonly input: string
  readonly length: number
  /** Text forms of series, as `formatSeries` gives them. */
  readonly dictionary: readonly string[]
  readonly series: Uint32Array
  readonly time: Float64Array
  readonly value: Float64Array
  readonly kind: Uint8Array
  readonly wide?: BigInt64Array
  readonly line?: Uint32Array
}

/** The points of a batch that `isWanted`, in the same order. */
export function selectPoints(batch: PointBatch, isWanted: (text: string, time: Time) => boolean): PointBatch {
  const { dictionary, series, time, value, kind, wide, line } = batch
  const found = new Uint32Array(batch.length)
  let length = 0
  for (let i = 0; i < batch.length; i++) if (isWanted(dictionary[series[i]], time[i])) found[length++] = i
  if (length === batch.length) return batch
  const rows = found.subarray(0, length)
  return {
    ...batch,
    length,
    series: rows.map((i) => series[i]),
    time: Float64Array.from(rows, (i) => time[i]),
    value: Float64Array.from(rows, (i) => value[i]),
    kind: Uint8Array.from(rows, (i) => kind[i]),
    ...(wide && { wide: BigInt64Array.from(Array.from(rows, (i) => wide[i])) }),
    ...(line && { line: rows.map((i) => line[i]) }),
  }
}

/** Points of one series of a dictionary, all doubles, in the order given. */
export const seriesPoints = (
  points: readonly (readonly [time: Time, value: number])[],
  { input, dictionary, id }: { input: string; dictionary: readonly string[]; id: number },
): PointBatch => ({
  input,
  length: points.length,
  dictionary,
  series: new Uint32Array(points.length).fill(id),
  time: Float64Array.from(points, ([time]) => time),
  value: Float64Array.from(points, ([, value]) => value),
  kind: new Uint8Array(points.length).fill(Kind.double),
})
