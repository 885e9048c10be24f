import { usageError } from '../util/errors.ts'
import { didYouMean } from '../util/suggest.ts'

/** What services bill, in US dollars for one of each, as their price lists said on a date. */
export interface PriceTable {
  readonly asOf: string
  readonly dollars: Readonly<Record<string, number>>
}

/**
 * The prices of us-east-1; other regions differ by a little.
 * @see https://aws.amazon.com/cloudwatch/pricing/ and https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const priceTable: PriceTable = {
  asOf: '2025-11-01',
  dollars: {
    /** Metrics requested by GetMetricData: $0.01 for 1,000. */
    'cloudwatch:metrics-requested': 0.01 / 1_000,
    /** ListMetrics and other requests: $0.01 for 1,000 beyond the first million. */
    'cloudwatch:requests': 0.01 / 1_000,
    /** Read request units: $0.125 for a million. */
    'dynamodb:read-units': 0.125 / 1e6,
    /** Write request units: $0.625 for a million. */
    'dynamodb:write-units': 0.625 / 1e6,
  },
}

/** The same table with other prices: each `item=dollars`. */
export function withPrices(table: PriceTable, given: readonly string[]): PriceTable {
  const items = Object.keys(table.dollars)
  const changed = given.map((text): [string, number] => {
    const [item, value] = text.split('=')
    if (!items.includes(item))
      throw usageError(`unknown price: ${item}${didYouMean(item, items)}`, `known are ${items.join(', ')}`)
    if (!(Number(value) >= 0)) throw usageError(`invalid --price: expected ${item}=dollars, got ${text}`)
    return [item, Number(value)]
  })
  return { ...table, dollars: { ...table.dollars, ...Object.fromEntries(changed) } }
}

/** What a bill comes to, in US dollars; items without a price are free. */
export const dollarsOf = (billed: Readonly<Record<string, number>>, { dollars }: PriceTable): number =>
  Object.entries(billed).reduce((sum, [item, count]) => sum + count * (dollars[item] ?? 0), 0)
