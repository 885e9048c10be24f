import { z } from 'zod'
import { awsKeys } from '../../bucket/credentials.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import { seriesPoints } from '../../metric/points.ts'
import { day, formatTime, isEmpty, minute, type Range } from '../../time/range.ts'
import { defineSource, type SourceContext } from '../definition.ts'
import { halvesOfRange, inHalves } from '../halves.ts'
import { endpoint, flag, words } from '../options.ts'
import type { Source } from '../source.ts'
import { priceHistory } from './client.ts'
import { changesIn, collectMarkets, pricesIn } from './points.ts'

const options = z.object({
  instance_types: words.optional().describe('instance types, with commas; by default all'),
  zones: words.optional().describe('availability zones, with commas; by default all of the region'),
  product: z.string().prefault('Linux/UNIX').describe('product description'),
  dedupe: flag
    .prefault('false')
    .describe('only where the price changes, at times rounded up to a minute, as Clusterman keeps them'),
  region: z.string().optional().describe('region; or AWS_REGION'),
  endpoint: endpoint.optional().describe('URL of a service other than Amazon’s that speaks the protocol'),
})

type Options = z.output<typeof options>

export const spotPrices = defineSource({
  brief: 'Prices of EC2 spot instances: spot_prices by zone and instance type',
  options,
  secrets: [],
  incidental: ['endpoint'],
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: how fast the bucket of a non-mutating action is filled
  pace: { maxRequestsPerSecond: 20 },
  needsMetric: false,
  open: (given, context) => spotPricesSource(given, context),
})

/** How long EC2 keeps prices, and after what time they no longer change. */
const kept = 90 * day
const settling = 10 * minute

/**
 * Prices of spot markets: every price in the range, and at its start the one that is in effect. So a range that is cut gives one more point of
 * each market at every cut, of the price that holds there.
 */
export function spotPricesSource(
  given: Options,
  { env, caller, now }: Pick<SourceContext, 'env' | 'caller' | 'now'>,
): Source {
  const region = given.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined)
  const history = priceHistory({ region, endpoint: given.endpoint, credentials: awsKeys(env), caller, now })
  const request = ({ start, end }: Range) => ({
    // A price that is rounded up into the range may stand before it.
    StartTime: new Date(given.dedupe ? start - minute : start),
    EndTime: new Date(end),
    ProductDescriptions: [given.product],
    InstanceTypes: given.instance_types as never,
    Filters: given.zones && [{ Name: 'availability-zone', Values: given.zones }],
  })

  return {
    order: 'series',
    async *read({ names, glob }, range, { signal, onNotice } = {}) {
      signal?.throwIfAborted()
      if (isEmpty(range)) return
      if (range.start < now() - kept) onNotice?.(`EC2 keeps no spot prices from before ${formatTime(now() - kept)}`)
      const matches = seriesMatcher({ glob, names: names?.includes('spot_prices') ? undefined : names })
      const dictionary: string[] = []
      // Halves are put together before they are cut: a range has one price in effect at its start, however it was asked for.
      const rows = inHalves(
        range,
        (part) => history(request(part), signal),
        (part) => halvesOfRange(part, minute),
      )
      for (const [text, prices] of await collectMarkets(rows)) {
        const points = given.dedupe ? changesIn(prices, range) : pricesIn(prices, range)
        if (points.length > 0 && matches(text))
          yield seriesPoints(points, { input: 'EC2', dictionary, id: dictionary.push(text) - 1 })
      }
    },
    limits: async (_query, { start, end }) => ({
      span: day,
      settling,
      cost: { requests: Math.ceil((end - start) / day) },
    }),
  }
}
