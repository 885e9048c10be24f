import { bodyOf, type FakeServer, serve } from './http-server.ts'

export interface FakePrice {
  readonly type: string
  readonly zone: string
  readonly product: string
  readonly time: number
  /** As EC2 writes it: `0.034500`. */
  readonly price: string
}

export interface FakeEc2 extends FakeServer {
  readonly requests: URLSearchParams[]
}

/**
 * DescribeSpotPriceHistory after Amazon's API reference, in the protocol that the SDK speaks (query and XML): the newest first; of each market also the
 * price in effect at the start; at most 1,000 rows a page; an empty token at the end.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html
 */
export async function startFakeEc2(prices: readonly FakePrice[], { pageSize = 1_000 } = {}): Promise<FakeEc2> {
  const requests: URLSearchParams[] = []
  const server = await serve(async (request, response) => {
    const input = new URLSearchParams((await bodyOf(request)).toString())
    requests.push(input)
    response.setHeader('Content-Type', 'text/xml;charset=UTF-8')
    if (input.get('Action') !== 'DescribeSpotPriceHistory') response.writeHead(400).end(errorXml('InvalidAction'))
    else if (Number(input.get('MaxResults') ?? 1_000) > 1_000)
      response.writeHead(400).end(errorXml('InvalidMaxResults'))
    else response.end(pageXml(select(prices, input), Number(input.get('NextToken') ?? 0), pageSize))
  })
  return { ...server, requests }
}

export const errorXml = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`

function select(prices: readonly FakePrice[], input: URLSearchParams): FakePrice[] {
  const listed = (prefix: string) => [...input].flatMap(([name, value]) => (name.startsWith(prefix) ? [value] : []))
  const allows = (wanted: readonly string[], value: string) => wanted.length === 0 || wanted.includes(value)
  const zones = input.get('Filter.1.Name') === 'availability-zone' ? listed('Filter.1.Value.') : []
  const [start, end] = [Date.parse(input.get('StartTime') ?? ''), Date.parse(input.get('EndTime') ?? '')]
  const meant = prices
    .filter(({ type }) => allows(listed('InstanceType.'), type))
    .filter(({ zone }) => allows(zones, zone))
    .filter(({ product }) => allows(listed('ProductDescription.'), product))
    .filter(({ time }) => time <= end)
    .sort((a, b) => b.time - a.time)
  const seen = new Set<string>()
  return meant.filter(({ type, zone, product, time }) => {
    const market = `${type} ${zone} ${product}`
    const isInEffect = time < start && !seen.has(market)
    if (time <= start) seen.add(market)
    return time >= start || isInEffect
  })
}

function pageXml(rows: readonly FakePrice[], from: number, size: number): string {
  const items = rows
    .slice(from, from + size)
    .map(
      ({ type, zone, product, time, price }) =>
        `<item><instanceType>${type}</instanceType><productDescription>${product}</productDescription><spotPrice>${price}</spotPrice>` +
        `<timestamp>${new Date(time).toISOString()}</timestamp><availabilityZone>${zone}</availabilityZone></item>`,
    )
  const token = from + size < rows.length ? String(from + size) : ''
  return `<?xml version="1.0" encoding="UTF-8"?>
<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>
<spotPriceHistorySet>${items.join('')}</spotPriceHistorySet><nextToken>${token}</nextToken></DescribeSpotPriceHistoryResponse>`
}
