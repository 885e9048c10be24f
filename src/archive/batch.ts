import { Kind, type PointBatch } from '../metric/points.ts'
import type { Reject } from './reject.ts'

/** What became of lines and metrics. Every metric of a sound line is in exactly one of the last four classes. */
export interface Counts {
  /** Lines that are not blank. */
  lines: number
  /** Lines that were rejected, or of which a metric was. */
  rejectedLines: number
  metrics: number
  points: number
  notNumeric: number
  outOfShard: number
  rejectedMetrics: number
}

/** A part of what an archive file holds, and the account of just that part. */
export interface ArchiveBatch {
  readonly points: PointBatch & { readonly line: Uint32Array }
  readonly counts: Readonly<Counts>
  readonly rejects: readonly Reject[]
}

/** A batch in the making. Kernels write points at `length` and after, move `length`, and count. */
export interface Draft {
  /** The line being read, from 1. */
  line: number
  length: number
  columns: Columns
  /** The integers beyond 2^53, by where they stand. */
  readonly exact: Map<number, bigint>
  readonly counts: Counts
  readonly rejects: Reject[]
}

/** Room for points; see {@link PointBatch}. */
export interface Columns {
  readonly series: Uint32Array
  readonly time: Float64Array
  readonly value: Float64Array
  readonly kind: Uint8Array
  readonly line: Uint32Array
}

/** A draft that goes on after `line` lines, with room for `capacity` points. */
export const createDraft = (line: number, capacity: number): Draft => ({
  line,
  length: 0,
  columns: createColumns(capacity),
  exact: new Map(),
  counts: { lines: 0, rejectedLines: 0, metrics: 0, points: 0, notNumeric: 0, outOfShard: 0, rejectedMetrics: 0 },
  rejects: [],
})

const createColumns = (capacity: number): Columns => ({
  series: new Uint32Array(capacity),
  time: new Float64Array(capacity),
  value: new Float64Array(capacity),
  kind: new Uint8Array(capacity),
  line: new Uint32Array(capacity),
})

/** Makes room for `count` more points. */
export function reserve(draft: Draft, count: number): Columns {
  const { columns, length } = draft
  if (length + count <= columns.series.length) return columns
  const larger = createColumns(Math.max(length + count, 2 * columns.series.length))
  larger.series.set(columns.series)
  larger.time.set(columns.time)
  larger.value.set(columns.value)
  larger.kind.set(columns.kind)
  larger.line.set(columns.line)
  draft.columns = larger
  return larger
}

/** The finished batch; the draft's columns go into it. */
export function finish(draft: Draft, input: string, dictionary: readonly string[]): ArchiveBatch {
  const { length, columns, counts, rejects } = draft
  const points = {
    input,
    length,
    dictionary,
    series: columns.series.subarray(0, length),
    time: columns.time.subarray(0, length),
    value: columns.value.subarray(0, length),
    kind: columns.kind.subarray(0, length),
    line: columns.line.subarray(0, length),
  }
  const wide = draft.exact.size > 0 ? wideColumn(draft) : undefined
  return { points: wide ? { ...points, wide } : points, counts, rejects }
}

function wideColumn({ length, columns, exact }: Draft): BigInt64Array {
  const wide = new BigInt64Array(length)
  for (let i = 0; i < length; i++) {
    if (columns.kind[i] !== Kind.double) wide[i] = exact.get(i) ?? BigInt(columns.value[i])
  }
  return wide
}
