/** The points of one series in one slot, in time order, without duplicates: what one rollup row is made of. */
export interface Run {
  length: number
  values: Float64Array
  /** A `Kind` for every value. */
  kinds: Uint8Array
  /** The exact integers where some lie beyond 2^53; see `PointBatch`. */
  wide: BigInt64Array | undefined
}

/** A run to be filled again and again, with room for `capacity` points. */
export const createRun = (capacity = 64): Run => ({
  length: 0,
  values: new Float64Array(capacity),
  kinds: new Uint8Array(capacity),
  wide: undefined,
})

/** Makes room for `capacity` points; what the run held is lost. */
export function reserve(run: Run, capacity: number): void {
  if (run.values.length >= capacity) return
  const size = Math.max(capacity, run.values.length * 2)
  run.values = new Float64Array(size)
  run.kinds = new Uint8Array(size)
  if (run.wide) run.wide = new BigInt64Array(size)
}
