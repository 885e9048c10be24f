/**
 * Sections 4 and 5 of the specification of Blueflood's rollups, said once more as literally and slowly as can be: objects with two
 * fields as in Java, longs as BigInts, plain loops. It shares nothing with the code under test.
 */

/** A number of Java: a long or a double. */
export type JavaNumber = bigint | number

/** A statistic: `long` and `double` are fields of their own, of which the one not set last keeps its stale value. */
interface Statistic {
  long: bigint
  double: number
  isDouble: boolean
}

export interface BasicRollup {
  count: bigint
  average: Statistic
  variance: number
  min: Statistic
  max: Statistic
  sum: number
}

const newStatistic = (): Statistic => ({ long: 0n, double: 0, isDouble: false })
const numberOf = ({ isDouble, double, long }: Statistic): number => (isDouble ? double : Number(long))
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

function setLong(statistic: Statistic, value: bigint): void {
  statistic.long = value
  statistic.isDouble = false
}

function setDouble(statistic: Statistic, value: number): void {
  statistic.double = value
  statistic.isDouble = true
}

interface Averaging {
  statistic: Statistic
  n: bigint
  remainder: bigint
}

function averageLong(state: Averaging, value: bigint): void {
  const before = state.statistic.long
  state.n = state.n + 1n
  const term = wrap(wrap(value + state.remainder) - before)
  setLong(state.statistic, wrap(before + term / state.n))
  state.remainder = term % state.n
}

function averageDouble(state: Averaging, value: number): void {
  state.n = state.n + 1n
  setDouble(state.statistic, state.statistic.double + (value - state.statistic.double) / Number(state.n))
}

/** `sign` is 1 for a minimum and -1 for a maximum; `isSet` tells whether the statistic has had a value. */
function addExtreme(statistic: Statistic, value: JavaNumber, { isSet, sign }: { isSet: boolean; sign: 1 | -1 }): void {
  const isBelow = (a: number, b: number) => (sign === 1 ? a < b : a > b)
  if (typeof value === 'number') {
    if (!isSet) setDouble(statistic, value)
    else if (statistic.isDouble) {
      setDouble(statistic, sign === 1 ? Math.min(statistic.double, value) : Math.max(statistic.double, value))
    } else if (isBelow(value, Number(statistic.long))) setDouble(statistic, value)
  } else if (!isSet) setLong(statistic, value)
  else if (statistic.isDouble) {
    if (isBelow(Number(value), statistic.double)) setLong(statistic, value)
  } else if (sign === 1 ? value < statistic.long : value > statistic.long) setLong(statistic, value)
}

/** What points, in time order, come to (4.2). */
export function fromPoints(points: readonly JavaNumber[]): BasicRollup {
  const rollup = emptyRollup()
  const averaging: Averaging = { statistic: rollup.average, n: 0n, remainder: 0n }
  let mean = 0
  let squares = 0
  let n = 0
  for (const point of points) {
    const x = Number(point)
    rollup.count = rollup.count + 1n
    rollup.sum = rollup.sum + x
    const delta = x - mean
    n = n + 1
    mean = mean + delta / n
    squares = squares + delta * (x - mean)
    rollup.variance = squares / n
    addExtreme(rollup.min, point, { isSet: n > 1, sign: 1 })
    addExtreme(rollup.max, point, { isSet: n > 1, sign: -1 })
    if (typeof point === 'bigint') averageLong(averaging, point)
    else averageDouble(averaging, point)
  }
  return rollup
}

/** What finer rollups, in time order, come to (4.3). */
export function fromRollups(finer: readonly BasicRollup[]): BasicRollup {
  const rollup = emptyRollup()
  const averaging: Averaging = { statistic: rollup.average, n: 0n, remainder: 0n }
  for (const [i, one] of finer.entries()) {
    rollup.count = rollup.count + one.count
    rollup.sum = rollup.sum + one.sum
    addExtreme(rollup.min, one.min.isDouble ? one.min.double : one.min.long, { isSet: i > 0, sign: 1 })
    addExtreme(rollup.max, one.max.isDouble ? one.max.double : one.max.long, { isSet: i > 0, sign: -1 })
    const isDoubleStep = rollup.average.isDouble || one.average.isDouble
    for (let n = 0n; n < one.count; n = n + 1n) {
      if (isDoubleStep) averageDouble(averaging, one.average.double)
      else averageLong(averaging, one.average.long)
    }
  }
  rollup.variance = varianceOf(finer)
  return rollup
}

function varianceOf(finer: readonly BasicRollup[]): number {
  let points = 0
  let grand = 0
  for (const { count, average } of finer) {
    points = points + Number(count)
    grand = grand + Number(count) * numberOf(average)
  }
  if (points === 0) return 0
  grand = grand / points
  let inside = 0
  let between = 0
  for (const { count, average, variance } of finer) {
    const distance = numberOf(average) - grand
    inside = inside + Number(count) * variance
    between = between + Number(count) * (distance * distance)
  }
  return (inside + between) / points
}

const emptyRollup = (): BasicRollup => ({
  count: 0n,
  average: newStatistic(),
  variance: 0,
  min: newStatistic(),
  max: newStatistic(),
  sum: 0,
})

function varint(value: bigint, bits = 64): number[] {
  let rest = BigInt.asUintN(bits, value)
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest % 128n) + 128)
    rest = rest / 128n
  }
  bytes.push(Number(rest))
  return bytes
}

function double(value: number): number[] {
  if (Number.isNaN(value)) return [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value, true)
  const bytes: number[] = []
  for (let i = 0; i < 8; i++) bytes.push(view.getUint8(i))
  return bytes
}

const statisticBytes = ({ isDouble, double: value, long }: Statistic): number[] =>
  isDouble ? [0x6e, ...double(value)] : [0x6c, ...varint(long)]

/** A rollup as Blueflood writes it (5.3), version 2; of version 1 the sum is missing. */
export function rollupHex({ count, average, variance, min, max, sum }: BasicRollup, version: 1 | 2 = 2): string {
  const statistics = [
    0,
    ...statisticBytes(average),
    1,
    0x6e,
    ...double(variance),
    2,
    ...statisticBytes(min),
    3,
    ...statisticBytes(max),
  ]
  const withoutSum = [...varint(count), ...(count > 0n ? statistics : [])]
  return Buffer.from(version === 1 ? [0, ...withoutSum] : [1, ...withoutSum, ...double(count > 0n ? sum : 0)]).toString(
    'hex',
  )
}

/** A value of full resolution (5.1). */
export function valueHex(value: JavaNumber, kind: 'i' | 'l' | 'n'): string {
  if (kind === 'n') return Buffer.from([0, 0x6e, ...double(Number(value))]).toString('hex')
  if (kind === 'l') return Buffer.from([0, 0x6c, ...varint(BigInt(value))]).toString('hex')
  return Buffer.from([0, 0x69, ...varint(BigInt(value), 32)]).toString('hex')
}

/** What a rollup is once it has been written and read: the fields that were stale are 0. */
export function stored(rollup: BasicRollup): BasicRollup {
  const read = (statistic: Statistic): Statistic =>
    statistic.isDouble ? { ...statistic, long: 0n } : { ...statistic, double: 0 }
  return { ...rollup, average: read(rollup.average), min: read(rollup.min), max: read(rollup.max) }
}
