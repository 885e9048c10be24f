// The rows that come of slots, in columns. What a row holds, and whose rules these are, src/rollup/slot.ts and specification 4.2 of
// Blueflood say; the arithmetic of a Java long is that of an i64.

/** Rows: u32 series, u8 bits of the statistics that are integers, f64 statistics, i64 exact integers. */
export let rows: u32 = 0
export let ids: usize = 0
export let integer: usize = 0
export let count: usize = 0
export let sum: usize = 0
export let mean: usize = 0
export let variance: usize = 0
export let min: usize = 0
export let max: usize = 0
export let meanInt: usize = 0
export let minInt: usize = 0
export let maxInt: usize = 0

const meanBit: u8 = 1
const minBit: u8 = 2
const maxBit: u8 = 4

let free: usize = 0

/** Starts to lay out columns anew. */
export function releaseColumns(): void {
  free = (__heap_base + 7) & ~7
}

/** A column of elements of `1 << shift` bytes. */
export function column(length: u32, shift: u32): usize {
  const start = free
  free = (start + ((<usize>length) << shift) + 7) & ~7
  return start
}

/** Lays out columns for up to `most` rows, and makes room for all columns. */
export function reserveRows(most: u32): void {
  rows = 0
  ids = column(most, 2)
  integer = column(most, 0)
  count = column(most, 3)
  sum = column(most, 3)
  mean = column(most, 3)
  variance = column(most, 3)
  min = column(most, 3)
  max = column(most, 3)
  meanInt = column(most, 3)
  minInt = column(most, 3)
  maxInt = column(most, 3)
  const pages = <i32>((free + 0xffff) >> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) unreachable()
}

/** The row in the making: how many points it has, Welford's mean and sum of squares, */
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

/** Writes the row, of series `id`. */
export function endRow(id: u32, isBlueflood: bool): void {
  const at = (<usize>rows) << 3
  const average = endsInteger ? <f64>integerAverage : doubleAverage
  store<u32>(ids + ((<usize>rows) << 2), id)
  store<f64>(count + at, taken)
  store<f64>(sum + at, total)
  store<f64>(mean + at, isBlueflood ? average : total / taken)
  store<f64>(variance + at, squares / taken)
  store<f64>(min + at, low)
  store<f64>(max + at, high)
  store<i64>(meanInt + at, endsInteger ? integerAverage : 0)
  store<i64>(minInt + at, lowIsInteger ? lowInteger : 0)
  store<i64>(maxInt + at, highIsInteger ? highInteger : 0)
  store<u8>(integer + rows, (endsInteger ? meanBit : 0) | (lowIsInteger ? minBit : 0) | (highIsInteger ? maxBit : 0))
  rows++
}
