import { usageError } from '../util/errors.ts'
import type { MarketSize } from './capacity.ts'
import type { History } from './history.ts'
import { constant, type Piecewise, scale } from './piecewise.ts'
import { stepsIn, type Window } from './window.ts'

export interface PriceOptions extends Window {
  /** What spot prices are multiplied by. */
  readonly discount: number
  /** $/h of markets without a price series, by market or type. */
  readonly onDemandPrices: ReadonlyMap<string, number>
}

/**
 * The price of one instance of a market over time, in $/h: that of its price series, or the on-demand price where it has none.
 * @throws a usage error where a market that has instances has neither
 */
export function priceOf(
  { market, typeName, count, where }: MarketSize,
  history: History,
  options: PriceOptions,
): Piecewise {
  const series = history.prices.get(market)
  if (series) return scale(stepsIn(series, options), options.discount)
  const onDemand = options.onDemandPrices.get(market) ?? options.onDemandPrices.get(typeName)
  if (onDemand !== undefined) return constant(onDemand)
  if (count.initial === 0 && count.xs.length === 0) return constant(0)
  throw usageError(
    `missing price: no price series for ${market}, which has instances in ${where}`,
    `give --on-demand-prices FILE with a price for ${typeName}`,
  )
}
