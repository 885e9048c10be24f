// One row in the making. What a row holds, src/rollup/slots.ts and specification 4.2 of Blueflood say; the arithmetic of a Java long is
// that of an i64.

import { maxBit, meanBit, minBit, Rows } from './rows'

/** How many points it has, Welford's mean and sum of squares, */
let taken: f64 = 0
let total: f64 = 0
let centre: f64 = 0
let squares: f64 = 0
/** Blueflood's averages of the integers and of the doubles, which share the count, */
let integerAverage: i64 = 0
let remainder: i64 = 0
let doubleAverage: f64 = 0
let endsInteger: bool = false
/** and the extremes, with the kind of the winning value. */
let low: f64 = 0
let lowInteger: i64 = 0
let lowIsInteger: bool = false
let high: f64 = 0
let highInteger: i64 = 0
let highIsInteger: bool = false

export function beginRow(): void {
  taken = 0
  total = 0
  centre = 0
  squares = 0
  integerAverage = 0
  remainder = 0
  doubleAverage = 0
}

export function addDouble(value: f64): void {
  addNumber(value)
  endsInteger = false
  doubleAverage += (value - doubleAverage) / taken
  addExtremes(value, 0, false)
}

/** @param value what is next to `exact` as a double */
export function addInteger(exact: i64, value: f64): void {
  addNumber(value)
  endsInteger = true
  const term = exact + remainder - integerAverage
  integerAverage += term / <i64>taken
  remainder = term % <i64>taken
  addExtremes(value, exact, true)
}

function addNumber(value: f64): void {
  taken += 1
  const distance = value - centre
  total += value
  centre += distance / taken
  squares += distance * (value - centre)
}

/** Between two doubles NaN wins and -0 < 0; between kinds the newcomer must lie strictly beyond as a double; integers are compared as such. */
function addExtremes(value: f64, exact: i64, isInteger: bool): void {
  const isFirst = taken === 1
  if (!isFirst && !isInteger && !lowIsInteger) low = Math.min(low, value)
  else if (isFirst || (isInteger && lowIsInteger ? exact < lowInteger : value < low)) {
    low = value
    lowInteger = exact
    lowIsInteger = isInteger
  }
  if (!isFirst && !isInteger && !highIsInteger) high = Math.max(high, value)
  else if (isFirst || (isInteger && highIsInteger ? exact > highInteger : value > high)) {
    high = value
    highInteger = exact
    highIsInteger = isInteger
  }
}

/** Writes the row. */
export function endRow(rows: Rows, isBlueflood: bool): void {
  const at = (<usize>rows.length) << 3
  const average = endsInteger ? <f64>integerAverage : doubleAverage
  store<f64>(rows.count + at, taken)
  store<f64>(rows.sum + at, total)
  store<f64>(rows.mean + at, isBlueflood ? average : total / taken)
  store<f64>(rows.variance + at, squares / taken)
  store<f64>(rows.min + at, low)
  store<f64>(rows.max + at, high)
  store<i64>(rows.meanInt + at, endsInteger ? integerAverage : 0)
  store<i64>(rows.minInt + at, lowIsInteger ? lowInteger : 0)
  store<i64>(rows.maxInt + at, highIsInteger ? highInteger : 0)
  const bits = (endsInteger ? meanBit : 0) | (lowIsInteger ? minBit : 0) | (highIsInteger ? maxBit : 0)
  store<u8>(rows.integer + rows.length, bits)
  rows.length++
}
