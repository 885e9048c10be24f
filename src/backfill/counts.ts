/**
 * What became of the metrics of the lines that were read. Every metric of a sound line is in exactly one class, so that
 * `metrics` is the sum of all the others down to `done`.
 */
export interface Counts {
  lines: number
  /** Lines that were rejected, or of which a metric was. */
  rejectedLines: number
  metrics: number
  /** Points that rows count. */
  rolled: number
  duplicate: number
  late: number
  outOfRange: number
  outOfShard: number
  notNumeric: number
  rejected: number
  /** Points of slots that are not made in this pass: they are done, or will be made again. */
  elsewhere: number
}

export const noCounts = (): Counts => ({
  lines: 0,
  rejectedLines: 0,
  metrics: 0,
  rolled: 0,
  duplicate: 0,
  late: 0,
  outOfRange: 0,
  outOfShard: 0,
  notNumeric: 0,
  rejected: 0,
  elsewhere: 0,
})

/** The classes that every metric is in one of. */
export const classes = [
  'rolled',
  'duplicate',
  'late',
  'outOfRange',
  'outOfShard',
  'notNumeric',
  'rejected',
  'elsewhere',
] as const satisfies readonly (keyof Counts)[]

/** Adds counts to others, in place. */
export function addCounts(total: Counts, more: Partial<Counts>): void {
  for (const [name, value] of Object.entries(more)) total[name as keyof Counts] += value
}
