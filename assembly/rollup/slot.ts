// Rolls up the points of one slot. JavaScript writes them into columns as they have come, and takes rows out of columns, by series.
// What a row holds, and whose rules these are, src/rollup/slot.ts and specification 4.2 of Blueflood say; the arithmetic of a Java
// long is that of an i64.

/** Points: u32 series, u32 milliseconds after the start of the slot, f64 value, u8 kind, i64 exact integer where `isWide`. */
export let series: usize = 0
export let offsets: usize = 0
export let values: usize = 0
export let kinds: usize = 0
export let wide: usize = 0
let points: u32 = 0
let isWide: bool = false

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

/** Points whose place another one of the same series and millisecond has taken. */
export let duplicates: u32 = 0

/** u32 positions of points by series, and where each series' positions end. */
let order: usize = 0
let ends: usize = 0

const double: u8 = 2
const meanBit: u8 = 1
const minBit: u8 = 2
const maxBit: u8 = 4

let free: usize = 0

function column(length: u32, shift: u32): usize {
  const start = free
  free = (start + ((<usize>length) << shift) + 7) & ~7
  return start
}

/** Makes room for points of series that are numbered from 0. */
export function reserve(pointCount: u32, seriesCount: u32, hasWide: bool): void {
  points = pointCount
  isWide = hasWide
  rows = 0
  duplicates = 0
  free = (__heap_base + 7) & ~7
  series = column(pointCount, 2)
  offsets = column(pointCount, 2)
  values = column(pointCount, 3)
  kinds = column(pointCount, 0)
  wide = column(hasWide ? pointCount : 0, 3)
  order = column(pointCount, 2)
  ends = column(seriesCount, 2)
  const most = pointCount < seriesCount ? pointCount : seriesCount
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
  memory.fill(ends, 0, (<usize>seriesCount) << 2)
}

/** A counting sort, which keeps the order of arrival inside a series. */
export function group(seriesCount: u32): void {
  for (let i: u32 = 0; i < points; i++) {
    const end = ends + ((<usize>seriesAt(i)) << 2)
    store<u32>(end, load<u32>(end) + 1)
  }
  let start: u32 = 0
  for (let id: u32 = 0; id < seriesCount; id++) {
    const end = ends + ((<usize>id) << 2)
    const length = load<u32>(end)
    store<u32>(end, start)
    start += length
  }
  for (let i: u32 = 0; i < points; i++) {
    const end = ends + ((<usize>seriesAt(i)) << 2)
    const place = load<u32>(end)
    store<u32>(order + ((<usize>place) << 2), i)
    store<u32>(end, place + 1)
  }
}

function seriesAt(point: u32): u32 {
  return load<u32>(series + ((<usize>point) << 2))
}

function positionAt(place: u32): u32 {
  return load<u32>(order + ((<usize>place) << 2))
}

function offsetAt(place: u32): u32 {
  return load<u32>(offsets + ((<usize>positionAt(place)) << 2))
}

/** Makes the rows of the series `[from, to)`, of those that have points. */
export function close(from: u32, to: u32, isBlueflood: bool): void {
  for (let id = from; id < to; id++) {
    const start: u32 = id === 0 ? 0 : load<u32>(ends + ((<usize>(id - 1)) << 2))
    const end = load<u32>(ends + ((<usize>id) << 2))
    if (start === end) continue
    store<u32>(ids + ((<usize>rows) << 2), id)
    sortByTime(start, end)
    beginRow()
    for (let place = start; place < end; place++) {
      // Of several points in one millisecond the last counts.
      if (place + 1 < end && offsetAt(place) === offsetAt(place + 1)) duplicates++
      else addPoint(positionAt(place))
    }
    endRow(isBlueflood)
    rows++
  }
}

/** Points come nearly in time order, where an insertion sort is hard to beat; it is stable. */
function sortByTime(start: u32, end: u32): void {
  for (let place = start + 1; place < end; place++) {
    const position = positionAt(place)
    const offset = offsetAt(place)
    let to = place
    for (; to > start && offsetAt(to - 1) > offset; to--) store<u32>(order + ((<usize>to) << 2), positionAt(to - 1))
    store<u32>(order + ((<usize>to) << 2), position)
  }
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

function beginRow(): void {
  taken = 0
  total = 0
  centre = 0
  squares = 0
  integerAverage = 0
  remainder = 0
  doubleAverage = 0
}

function addPoint(position: u32): void {
  const value = load<f64>(values + ((<usize>position) << 3))
  const isInteger = load<u8>(kinds + position) !== double
  taken += 1
  const distance = value - centre
  total += value
  centre += distance / taken
  squares += distance * (value - centre)
  endsInteger = isInteger
  if (isInteger) {
    const exact = isWide ? load<i64>(wide + ((<usize>position) << 3)) : <i64>value
    const term = exact + remainder - integerAverage
    integerAverage += term / <i64>taken
    remainder = term % <i64>taken
    addExtremes(value, exact, true)
  } else {
    doubleAverage += (value - doubleAverage) / taken
    addExtremes(value, 0, false)
  }
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

function endRow(isBlueflood: bool): void {
  const at = (<usize>rows) << 3
  const average = endsInteger ? <f64>integerAverage : doubleAverage
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
}
