import type { SpotPrice } from '@aws-sdk/client-ec2'
import { formatSeries, series } from '../../metric/series.ts'
import { ceilTo, contains, minute, type Range, type Time } from '../../time/range.ts'
import { compareBytes } from '../../util/bytes.ts'
import { UserError } from '../../util/errors.ts'

type Prices = ReadonlyMap<Time, number>

/** The prices of each market by time; of rows that stand twice the first one, the newest, counts. */
export async function collectMarkets(rows: AsyncIterable<SpotPrice>): Promise<[text: string, prices: Prices][]> {
  const markets = new Map<string, Map<Time, number>>()
  for await (const row of rows) {
    const { InstanceType = '', AvailabilityZone = '', Timestamp, SpotPrice } = row
    const time = Timestamp?.getTime() ?? Number.NaN
    const price = Number(SpotPrice ?? Number.NaN)
    if (!Number.isFinite(time) || !Number.isFinite(price))
      throw new UserError(`EC2 gives a price that is none: ${JSON.stringify(row)}`)
    const text = formatSeries(
      series('spot_prices', { aws_availability_zone: AvailabilityZone, aws_instance_type: InstanceType }),
    )
    const prices = markets.get(text) ?? new Map()
    markets.set(text, prices)
    if (!prices.has(time)) prices.set(time, price)
  }
  return [...markets].sort(([a], [b]) => compareBytes(a, b))
}

type Point = readonly [time: Time, price: number]

/** The prices that a range holds: that in effect at its start, and every later one. */
export function pricesIn(prices: Prices, range: Range): Point[] {
  const sorted = [...prices].sort(([a], [b]) => a - b)
  const before = sorted.findLast(([time]) => time <= range.start)
  const later = sorted.filter(([time]) => time > range.start && contains(range, time))
  return before ? [[range.start, before[1]], ...later] : later
}

/** The same as Clusterman keeps them: times rounded up to whole minutes, of several in one the newest, and only where the price changes. */
export function changesIn(prices: Prices, range: Range): Point[] {
  const rounded = new Map([...prices].sort(([a], [b]) => a - b).map(([time, price]) => [ceilTo(time, minute), price]))
  return pricesIn(rounded, range).filter(([, price], i, all) => i === 0 || price !== all[i - 1][1])
}
