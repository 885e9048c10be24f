// The row of one series and slot, of its points in time order. What a row holds, src/rollup/slots.ts and specification 4.2 of Blueflood
// say; the arithmetic of a Java long is that of an i64.

import { Room, setU32 } from './room'
import { maxBit, meanBit, minBit, Rows } from './rows'

/** The points: f64 values, and i64 exact integers where those are not doubles. */
let values: usize = 0
let exacts: usize = 0
/** u8 whether each is an integer. */
let kinds: usize = 0
let length: u32 = 0
let integers: u32 = 0

const room = new Room()

/** Begins a row of up to `most` points. */
export function beginRow(most: u32): void {
  room.reserve(17 * <usize>most)
  values = room.start
  exacts = values + ((<usize>most) << 3)
  kinds = exacts + ((<usize>most) << 3)
  length = 0
  integers = 0
}

export function addDouble(value: f64): void {
  store<f64>(values + ((<usize>length) << 3), value)
  store<u8>(kinds + length, 0)
  length++
}

/** @param value what is next to `exact` as a double */
export function addInteger(exact: i64, value: f64): void {
  store<f64>(values + ((<usize>length) << 3), value)
  store<i64>(exacts + ((<usize>length) << 3), exact)
  store<u8>(kinds + length, 1)
  length++
  integers++
}

function valueAt(i: u32): f64 {
  return load<f64>(values + ((<usize>i) << 3))
}

function exactAt(i: u32): i64 {
  return load<i64>(exacts + ((<usize>i) << 3))
}

function isInteger(i: u32): bool {
  return load<u8>(kinds + i) !== 0
}

/** Writes the row, which has a point at least. */
export function endRow(rows: Rows): void {
  const at = (<usize>rows.length) << 3
  setU32(rows.count, rows.length, length)
  store<u8>(rows.integer + rows.length, 0)
  putMoments(rows, at)
  putAverage(rows, at)
  if (integers === 0) putDoubles(rows, at)
  else {
    putMinimum(rows, at)
    putMaximum(rows, at)
  }
  rows.length++
}

/** The sum, left to right, and the variance by Welford. */
function putMoments(rows: Rows, at: usize): void {
  let total: f64 = 0
  let centre: f64 = 0
  let squares: f64 = 0
  let taken: f64 = 0
  for (let i: u32 = 0; i < length; i++) {
    const value = valueAt(i)
    const distance = value - centre
    taken += 1
    total += value
    centre += distance / taken
    squares += distance * (value - centre)
  }
  store<f64>(rows.sum + at, total)
  store<f64>(rows.variance + at, squares / taken)
}

/** Blueflood's averages of the integers and of the doubles share the count: that of the last kind is the one. */
function putAverage(rows: Rows, at: usize): void {
  if (isInteger(length - 1)) {
    store<i64>(rows.average + at, integerAverage())
    addBit(rows, meanBit)
  } else if (rows.isBlueflood) store<f64>(rows.average + at, doubleAverage())
}

function integerAverage(): i64 {
  let average: i64 = 0
  let remainder: i64 = 0
  for (let i: u32 = 0; i < length; i++) {
    if (!isInteger(i)) continue
    const term = exactAt(i) + remainder - average
    const count = <i64>i + 1
    const quotient = divide(term, count)
    average += quotient
    remainder = term - quotient * count
  }
  return average
}

// Processors take several times as long for 64 bits.
function divide(term: i64, count: i64): i64 {
  return term === <i64>(<i32>term) ? <i64>(<i32>term / <i32>count) : term / count
}

function doubleAverage(): f64 {
  let average: f64 = 0
  for (let i: u32 = 0; i < length; i++) {
    if (!isInteger(i)) average += (valueAt(i) - average) / (<f64>i + 1)
  }
  return average
}

/** The extremes of doubles alone: NaN wins, and -0 < 0. */
function putDoubles(rows: Rows, at: usize): void {
  let low = valueAt(0)
  let high = low
  for (let i: u32 = 1; i < length; i++) {
    low = Math.min(low, valueAt(i))
    high = Math.max(high, valueAt(i))
  }
  store<f64>(rows.min + at, low)
  store<f64>(rows.max + at, high)
}

/** An extreme has the kind of the winning value. Between kinds a newcomer must lie strictly beyond as a double; integers are compared as such. */
function putMinimum(rows: Rows, at: usize): void {
  let low: u32 = 0
  for (let i: u32 = 1; i < length; i++) {
    if (isInteger(i) && isInteger(low)) low = exactAt(i) < exactAt(low) ? i : low
    else if (isInteger(i) || isInteger(low)) low = valueAt(i) < valueAt(low) ? i : low
    else low = isLess(valueAt(i), valueAt(low)) ? i : low
  }
  putExtreme(rows, rows.min + at, low, minBit)
}

function putMaximum(rows: Rows, at: usize): void {
  let high: u32 = 0
  for (let i: u32 = 1; i < length; i++) {
    if (isInteger(i) && isInteger(high)) high = exactAt(i) > exactAt(high) ? i : high
    else if (isInteger(i) || isInteger(high)) high = valueAt(i) > valueAt(high) ? i : high
    else high = isLess(-valueAt(i), -valueAt(high)) ? i : high
  }
  putExtreme(rows, rows.max + at, high, maxBit)
}

function putExtreme(rows: Rows, cell: usize, winner: u32, bit: u8): void {
  if (isInteger(winner)) {
    store<i64>(cell, exactAt(winner))
    addBit(rows, bit)
  } else store<f64>(cell, valueAt(winner))
}

/** Whether the least of both is `a` alone: NaN is less than any number, and -0 than 0. */
function isLess(a: f64, b: f64): bool {
  if (Number.isNaN(a) || Number.isNaN(b)) return !Number.isNaN(b)
  return reinterpret<u64>(Math.min(a, b)) !== reinterpret<u64>(b)
}

function addBit(rows: Rows, bit: u8): void {
  store<u8>(rows.integer + rows.length, load<u8>(rows.integer + rows.length) | bit)
}
