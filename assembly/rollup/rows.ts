/** Bits of the statistics of a row that are integers. */
export const meanBit: u8 = 1
export const minBit: u8 = 2
export const maxBit: u8 = 4

/** Rows in columns: f64 statistics, i64 exact integers, u8 bits of those that are integers. */
@unmanaged
export class Rows {
  length: u32 = 0
  count: usize = 0
  sum: usize = 0
  mean: usize = 0
  variance: usize = 0
  min: usize = 0
  max: usize = 0
  meanInt: usize = 0
  minInt: usize = 0
  maxInt: usize = 0
  integer: usize = 0

  /** Makes room for up to `most` rows; to be called once. */
  allocate(most: u32): void {
    const size = (<usize>most) << 3
    this.count = heap.alloc(9 * size + <usize>most)
    this.sum = this.count + size
    this.mean = this.sum + size
    this.variance = this.mean + size
    this.min = this.variance + size
    this.max = this.min + size
    this.meanInt = this.max + size
    this.minInt = this.meanInt + size
    this.maxInt = this.minInt + size
    this.integer = this.maxInt + size
  }

  discard(): void {
    if (this.count !== 0) heap.free(this.count)
    heap.free(changetype<usize>(this))
  }

  /** Adds row `i` of others. */
  add(others: Rows, i: u32): void {
    const from = (<usize>i) << 3
    const to = (<usize>this.length) << 3
    store<f64>(this.count + to, load<f64>(others.count + from))
    store<f64>(this.sum + to, load<f64>(others.sum + from))
    store<f64>(this.mean + to, load<f64>(others.mean + from))
    store<f64>(this.variance + to, load<f64>(others.variance + from))
    store<f64>(this.min + to, load<f64>(others.min + from))
    store<f64>(this.max + to, load<f64>(others.max + from))
    store<i64>(this.meanInt + to, load<i64>(others.meanInt + from))
    store<i64>(this.minInt + to, load<i64>(others.minInt + from))
    store<i64>(this.maxInt + to, load<i64>(others.maxInt + from))
    store<u8>(this.integer + this.length, load<u8>(others.integer + i))
    this.length++
  }
}
