import type { Summary, Value } from './support.ts'

/** A rollup as Blueflood writes it (specification 5.3, version 2): what it says. `mean` is its average, whatever its kind. */
export function decodeRollup(hex: string): Summary {
  const bytes = Buffer.from(hex, 'hex')
  let at = 1
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
  }
  const double = () => {
    at += 8
    return bytes.readDoubleLE(at - 8)
  }
  const statistic = (): Value => {
    at += 2
    return bytes[at - 1] === 'l'.charCodeAt(0) ? varint() : double()
  }
  const count = Number(varint())
  const [average, variance, min, max] = [statistic(), statistic(), statistic(), statistic()]
  const isInteger = typeof average === 'bigint'
  return {
    count,
    mean: Number(average),
    average: isInteger ? average : undefined,
    variance: Number(variance),
    min,
    max,
    sum: double(),
  }
}
