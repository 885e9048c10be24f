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
