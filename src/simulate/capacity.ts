import { formatTime } from '../time/range.ts'
import { compareBytes } from '../util/bytes.ts'
import { usageError } from '../util/errors.ts'
import type { Columns } from './columns.ts'
import type { SizeSeries } from './history.ts'
import type { InstanceType, InstanceTypes } from './instance-types.ts'
import { formatMarket, type Market } from './market.ts'
import type { Piecewise } from './piecewise.ts'
import { seenIn, stepsOf, type Window } from './window.ts'

/** How many instances a market has over time. */
export interface MarketSize {
  /** `<type, zone>`. */
  readonly market: string
  readonly typeName: string
  readonly type: InstanceType
  readonly count: Piecewise
  /** The metric that tells it, for errors. */
  readonly where: string
}

export interface CapacityOptions extends Window {
  readonly instanceTypes: InstanceTypes
  /** vCPUs of one unit of capacity. */
  readonly cpusPerWeight: number
}

/**
 * Numbers of instances behind capacities: an instance weighs its vCPUs divided by `cpusPerWeight`, rounded down, and a capacity
 * holds as many as go into its whole part. In order of markets, whatever the order of the input.
 */
export function marketSizes(size: SizeSeries, options: CapacityOptions): MarketSize[] {
  return size.markets
    .map(({ market, values }) => marketSize({ market, values, size }, options))
    .sort((a, b) => compareBytes(a.market, b.market))
}

function marketSize(
  { market, values, size }: { market: Market; values: Float64Array; size: SizeSeries },
  options: CapacityOptions,
): MarketSize {
  const { where, times } = size
  const text = formatMarket(market)
  const type = options.instanceTypes.get(market.type)
  if (!type)
    throw usageError(
      `unknown instance type: ${market.type} of ${text} in ${where}`,
      'describe it in a file and give --instance-types FILE',
    )
  const weight = Math.floor(type.vcpus / options.cpusPerWeight)
  if (weight < 1)
    throw usageError(
      `invalid CPUs per weight: ${market.type} has ${type.vcpus} vCPUs, expected at most that, got ${options.cpusPerWeight}`,
    )
  const seen = seenIn({ times, values }, options)
  requireCapacities(seen, { market: text, where })
  const count = stepsOf({ times: seen.times, values: seen.values.map(instances(weight)) }, options)
  return { market: text, typeName: market.type, type, count, where }
}

function requireCapacities({ times, values }: Columns, { market, where }: { market: string; where: string }): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.trunc(values[i]) < 0)
      throw usageError(
        `invalid capacity: expected 0 or more, got ${values[i]} for ${market} at ${formatTime(times[i])} in ${where}`,
      )
  }
}

const instances =
  (weight: number) =>
  (capacity: number): number =>
    Math.floor(Math.trunc(capacity) / weight)
