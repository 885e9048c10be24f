/** The value below which the share `p` of ascending values lies, linear between two of them; NaN where there is none. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below)
}

/** The values in ascending order. */
export const ascending = (values: Float64Array): Float64Array => values.slice().sort()
