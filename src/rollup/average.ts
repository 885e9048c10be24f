/**
 * Blueflood's running average (its class `Average`): integers and doubles each update a field of their own while they share the
 * count, and the kind is that of the last value. Integer division truncates toward zero and carries its remainder; a Java long
 * wraps around.
 */
export interface Average {
  count: number
  integer: number | bigint
  remainder: number | bigint
  double: number
  isInteger: boolean
}

export const createAverage = (): Average => ({ count: 0, integer: 0, remainder: 0, double: 0, isInteger: true })

/** The largest magnitude that {@link addSafe} takes: no step then leaves the exact range of a double. */
export const safeTerm = 2 ** 51

/** Adds a double. */
export function addDouble(average: Average, value: number): void {
  average.count += 1
  average.double += (value - average.double) / average.count
  average.isInteger = false
}

/** Adds an integer of any size. */
export function addInteger(average: Average, value: number | bigint): void {
  if (typeof value === 'number' && typeof average.integer === 'number' && Math.abs(value) <= safeTerm)
    addSafe(average as SafeAverage, value)
  else addLong(average, BigInt(value))
}

interface SafeAverage extends Average {
  integer: number
  remainder: number
}

function addSafe(average: SafeAverage, value: number): void {
  const term = value + average.remainder - average.integer
  average.count += 1
  average.integer += Math.trunc(term / average.count)
  average.remainder = term % average.count
  average.isInteger = true
}

function addLong(average: Average, value: bigint): void {
  const integer = BigInt(average.integer)
  const term = BigInt.asIntN(64, value + BigInt(average.remainder) - integer)
  average.count += 1
  average.integer = BigInt.asIntN(64, integer + term / BigInt(average.count))
  average.remainder = term % BigInt(average.count)
  average.isInteger = true
}
