/**
 * A minimum or maximum that keeps the kind of the winning value, as Blueflood does: between two doubles NaN wins and -0 < 0; between
 * kinds the newcomer must be strictly smaller (larger) as a double; between two integers the order of integers decides.
 */
export interface Extreme {
  value: number | bigint
  isInteger: boolean
  isSet: boolean
}

export const createExtreme = (): Extreme => ({ value: 0, isInteger: true, isSet: false })

export function addLow(low: Extreme, value: number | bigint, isInteger: boolean): void {
  if (low.isSet && !isInteger && !low.isInteger) low.value = Math.min(Number(low.value), Number(value))
  else if (!low.isSet || isBelow(value, low.value, isInteger === low.isInteger)) assign(low, value, isInteger)
}

export function addHigh(high: Extreme, value: number | bigint, isInteger: boolean): void {
  if (high.isSet && !isInteger && !high.isInteger) high.value = Math.max(Number(high.value), Number(value))
  else if (!high.isSet || isBelow(high.value, value, isInteger === high.isInteger)) assign(high, value, isInteger)
}

const isBelow = (a: number | bigint, b: number | bigint, sameKind: boolean): boolean =>
  sameKind ? a < b : Number(a) < Number(b)

function assign(extreme: Extreme, value: number | bigint, isInteger: boolean): void {
  extreme.value = value
  extreme.isInteger = isInteger
  extreme.isSet = true
}
