import type { Family, LineBatch, Room } from '../metric/lines.ts'
import { Kind } from '../metric/points.ts'
import type { Reject } from './reject.ts'

/** What became of lines and metrics. Every metric of a sound line is in exactly one of the last four classes. */
export interface BatchCounts {
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
  /** The lines that have points. */
  readonly points: LineBatch
  readonly counts: Readonly<BatchCounts>
  readonly rejects: readonly Reject[]
}

/** A batch in the making. Kernels write lines at `length` and after, and their values at `values` and after; they move both, and count. */
export interface Draft {
  /** The line being read, from 1. */
  line: number
  length: number
  values: number
  columns: Columns
  /** The integers beyond 2^53, by where they stand among the values. */
  readonly exact: Map<number, bigint>
  readonly counts: BatchCounts
  readonly rejects: Reject[]
}

/** Room for lines. */
export type Columns = Pick<LineBatch, 'family' | 'time' | 'line' | 'first' | 'value' | 'kind'>

/** A draft that goes on after `line` lines. */
export const createDraft = (line: number, room: Room): Draft => ({
  line,
  length: 0,
  values: 0,
  columns: createColumns(room),
  exact: new Map(),
  counts: { lines: 0, rejectedLines: 0, metrics: 0, points: 0, notNumeric: 0, outOfShard: 0, rejectedMetrics: 0 },
  rejects: [],
})

const createColumns = ({ lines, values }: Room): Columns => ({
  family: new Uint32Array(lines),
  time: new Float64Array(lines),
  line: new Uint32Array(lines),
  first: new Uint32Array(lines + 1),
  value: new Float64Array(values),
  kind: new Uint8Array(values),
})

/** Makes room for so many more lines and values. */
export function reserve(draft: Draft, { lines, values }: Room): Columns {
  const { columns } = draft
  const [length, end] = [draft.length + lines, draft.values + values]
  if (length <= columns.family.length && end <= columns.value.length) return columns
  const larger = createColumns({
    lines: Math.max(length, 2 * columns.family.length),
    values: Math.max(end, 2 * columns.value.length),
  })
  for (const name of Object.keys(larger) as (keyof Columns)[]) larger[name].set(columns[name])
  draft.columns = larger
  return larger
}

/** The finished batch; the draft's columns go into it. */
export function finish(draft: Draft, input: string, families: readonly Family[]): ArchiveBatch {
  const { length, values, columns, counts, rejects } = draft
  columns.first[length] = values
  const points = {
    input,
    length,
    families,
    family: columns.family.subarray(0, length),
    time: columns.time.subarray(0, length),
    line: columns.line.subarray(0, length),
    first: columns.first.subarray(0, length + 1),
    value: columns.value.subarray(0, values),
    kind: columns.kind.subarray(0, values),
  }
  return {
    points: draft.exact.size > 0 ? { ...points, wide: wideColumn(points, draft.exact) } : points,
    counts,
    rejects,
  }
}

function wideColumn({ value, kind }: LineBatch, exact: ReadonlyMap<number, bigint>): BigInt64Array {
  const wide = new BigInt64Array(value.length)
  for (let i = 0; i < value.length; i++) if (kind[i] !== Kind.double) wide[i] = exact.get(i) ?? BigInt(value[i])
  return wide
}
