/** Bits of {@link RollupBatch.integer}: which of a row's statistics are 64-bit integers. */
export const Integer = { mean: 1, min: 2, max: 4 } as const

/**
 * Rollups in columns, all of length `length`; a row is (series, slot).
 *
 * - `series[i]` indexes `dictionary`; `time[i]` is the start of the slot in ms UTC.
 * - `variance` is the population variance. Every statistic also stands as a double, whatever its kind.
 * - Where a bit of `integer[i]` is set, the exact integer stands in `meanInt`, `minInt`, `maxInt`; elsewhere those hold 0.
 *   `meanInt` is Blueflood's own running integer average, not the mean rounded.
 */
export interface RollupBatch {
  readonly length: number
  readonly dictionary: readonly string[]
  readonly series: Uint32Array
  readonly time: Float64Array
  readonly count: Float64Array
  readonly sum: Float64Array
  readonly mean: Float64Array
  readonly variance: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly integer: Uint8Array
  readonly meanInt: BigInt64Array
  readonly minInt: BigInt64Array
  readonly maxInt: BigInt64Array
}

/** The double columns of a rollup, in the order in which files and checksums hold them. */
export const statistics = ['sum', 'mean', 'variance', 'min', 'max'] as const

/** The columns but for `series`. */
export const cellNames = ['time', 'count', ...statistics, 'integer', 'meanInt', 'minInt', 'maxInt'] as const

/** Columns of count, statistics and exact integers, asked for in this order. */
export const measuredColumns = (doubles: () => Float64Array, integers: () => BigInt64Array) => ({
  count: doubles(),
  sum: doubles(),
  mean: doubles(),
  variance: doubles(),
  min: doubles(),
  max: doubles(),
  meanInt: integers(),
  minInt: integers(),
  maxInt: integers(),
})

/** Room for `length` rows of the series of `dictionary`, all zero. */
export function allocateRollups(length: number, dictionary: readonly string[]): RollupBatch {
  const doubles = () => new Float64Array(length)
  return {
    length,
    dictionary,
    series: new Uint32Array(length),
    time: doubles(),
    ...measuredColumns(doubles, () => new BigInt64Array(length)),
    integer: new Uint8Array(length),
  }
}
