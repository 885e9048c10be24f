import { u32At } from './room'

/** Bits of the statistics of a row that are integers. */
export const meanBit: u8 = 1
export const minBit: u8 = 2
export const maxBit: u8 = 4

/** Rows of a slot in columns. Many stand at once: what follows from other cells is left out. */
@unmanaged
export class Rows {
  length: u32 = 0
  /** Whether means are Blueflood's averages; else they follow from sums and counts. */
  isBlueflood: bool = false
  /** f64 sum and population variance. */
  sum: usize = 0
  variance: usize = 0
  /** Those whose bit is set i64, the others f64: Blueflood's average, that of doubles only where it is the mean, and the extremes. */
  average: usize = 0
  min: usize = 0
  max: usize = 0
  /** u32 */
  count: usize = 0
  /** u8 bits. */
  integer: usize = 0

  /** Makes room for up to `most` rows; to be called once. */
  allocate(most: u32): void {
    const size = (<usize>most) << 3
    this.sum = heap.alloc(5 * size + 5 * <usize>most)
    this.variance = this.sum + size
    this.average = this.variance + size
    this.min = this.average + size
    this.max = this.min + size
    this.count = this.max + size
    this.integer = this.count + (size >> 1)
  }

  discard(): void {
    if (this.sum !== 0) heap.free(this.sum)
    heap.free(changetype<usize>(this))
  }
}

/** Rows as they are taken, in columns that lie one behind another from `start` on, each with room for `most`. */
@unmanaged
export class TakenRows {
  length: u32 = 0
  start: usize = 0
  private size: usize = 0

  allocate(most: u32): void {
    this.size = (<usize>most) << 3
    this.start = heap.alloc(9 * this.size + <usize>most)
  }

  discard(): void {
    heap.free(this.start)
    heap.free(changetype<usize>(this))
  }

  /** Adds row `i` of a slot: f64 count, sum, mean, variance, min and max, i64 mean, min and max, u8 bits. */
  add(rows: Rows, i: u32): void {
    const from = (<usize>i) << 3
    const bits = load<u8>(rows.integer + i)
    this.put(0, <f64>u32At(rows.count, i))
    this.put(1, load<f64>(rows.sum + from))
    this.put(2, meanOf(rows, i))
    this.put(3, load<f64>(rows.variance + from))
    this.put(4, asDouble(rows.min + from, (bits & minBit) !== 0))
    this.put(5, asDouble(rows.max + from, (bits & maxBit) !== 0))
    this.putInteger(6, rows.average + from, (bits & meanBit) !== 0)
    this.putInteger(7, rows.min + from, (bits & minBit) !== 0)
    this.putInteger(8, rows.max + from, (bits & maxBit) !== 0)
    store<u8>(this.start + 9 * this.size + this.length, bits)
    this.length++
  }

  private put(column: usize, value: f64): void {
    store<f64>(this.start + column * this.size + ((<usize>this.length) << 3), value)
  }

  private putInteger(column: usize, cell: usize, isInteger: bool): void {
    store<i64>(this.start + column * this.size + ((<usize>this.length) << 3), isInteger ? load<i64>(cell) : 0)
  }
}

function meanOf(rows: Rows, i: u32): f64 {
  const at = (<usize>i) << 3
  if (rows.isBlueflood) return asDouble(rows.average + at, (load<u8>(rows.integer + i) & meanBit) !== 0)
  return load<f64>(rows.sum + at) / <f64>u32At(rows.count, i)
}

function asDouble(cell: usize, isInteger: bool): f64 {
  return isInteger ? <f64>load<i64>(cell) : load<f64>(cell)
}
