import type { Summary, Value } from './support.ts'

/** A rollup of points as the rules tell it, step by step, integers as BigInts: slow, and of another make than what it is compared with. */
export function literalSummary(values: readonly Value[], mode: 'exact' | 'blueflood'): Summary {
  const count = values.length
  const numbers = values.map(Number)
  const sum = numbers.reduce((total, value) => total + value, 0)
  const average = literalAverage(values)
  return {
    count,
    sum,
    mean: mode === 'blueflood' ? Number(average) : sum / count,
    variance: welford(numbers) / count,
    min: values.reduce((low, value) => (isBeyond(value, low, -1) ? value : low)),
    max: values.reduce((high, value) => (isBeyond(value, high, 1) ? value : high)),
    average: typeof average === 'bigint' ? average : undefined,
  }
}

function welford(numbers: readonly number[]): number {
  let [mean, squares] = [0, 0]
  for (const [i, value] of numbers.entries()) {
    const distance = value - mean
    mean += distance / (i + 1)
    squares += distance * (value - mean)
  }
  return squares
}

/** Specification of Blueflood, 4.2: two running averages that share the count, of which that of the last kind counts. */
function literalAverage(values: readonly Value[]): Value {
  let [integer, remainder, double] = [0n, 0n, 0]
  for (const [i, value] of values.entries()) {
    if (typeof value === 'number') {
      double += (value - double) / (i + 1)
      continue
    }
    const term = BigInt.asIntN(64, value + remainder - integer)
    integer = BigInt.asIntN(64, integer + term / BigInt(i + 1))
    remainder = term % BigInt(i + 1)
  }
  return typeof values.at(-1) === 'bigint' ? integer : double
}

/** Whether a value takes the place of an extreme: -1 for the minimum, 1 for the maximum. */
function isBeyond(value: Value, extreme: Value, side: -1 | 1): boolean {
  if (typeof value === 'bigint' && typeof extreme === 'bigint') return side < 0 ? value < extreme : value > extreme
  const [a, b] = [Number(value), Number(extreme)]
  if (typeof value === 'number' && typeof extreme === 'number')
    return !Object.is((side < 0 ? Math.min : Math.max)(a, b), b)
  return side < 0 ? a < b : a > b
}
