import type { Dimension, GetMetricDataInput, ListMetricsInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { bodyOf, type FakeServer, serve } from './http-server.ts'

/** One metric with everything that was ever put into it. */
export interface FakeMetric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  /** `[ms, value]` in any order. */
  readonly points: readonly (readonly [number, number])[]
}

export interface FakeCloudWatchOptions {
  readonly metrics: readonly FakeMetric[]
  /** Milliseconds: what is kept, and listed, depends on the age of values. */
  now(): number
  /** Values on one page of an answer. */
  readonly pageSize?: number
}

export interface FakeCloudWatch extends FakeServer {
  /** Every request that was answered, by its operation. */
  readonly requests: { readonly operation: string; readonly input: unknown }[]
}

const minute = 60_000
const day = 86_400_000

/**
 * GetMetricData and ListMetrics after Amazon's API reference, in the protocol that the SDK speaks (JSON 1.0). What a service would refuse,
 * this one refuses: more than 500 queries, more than 100,800 values, periods that are none; values of a period are gone when its time is over.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export async function startFakeCloudWatch(options: FakeCloudWatchOptions): Promise<FakeCloudWatch> {
  const requests: FakeCloudWatch['requests'] = []
  const server = await serve(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('GraniteServiceVersion20100801.', '')
    const input = JSON.parse((await bodyOf(request)).toString())
    const reply = (status: number, body: object) =>
      void response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body))
    try {
      requests.push({ operation, input })
      if (operation === 'ListMetrics') reply(200, listMetrics(input, options))
      else if (operation === 'GetMetricData') reply(200, getMetricData(input, options))
      else reply(400, { __type: 'UnknownOperationException' })
    } catch (error) {
      reply(400, { __type: 'com.amazonaws.cloudwatch.v2010_08_01#ValidationError', message: (error as Error).message })
    }
  })
  return { ...server, requests }
}

const listPage = 500

function listMetrics(input: ListMetricsInput, { metrics, now }: FakeCloudWatchOptions) {
  const { Namespace, MetricName, Dimensions = [], NextToken } = input
  const isMeant = ({ namespace, name, dimensions, points }: FakeMetric) =>
    (Namespace === undefined || namespace === Namespace) &&
    (MetricName === undefined || name === MetricName) &&
    Dimensions.every(
      ({ Name = '', Value }) => Name in dimensions && (Value === undefined || dimensions[Name] === Value),
    ) &&
    points.some(([time]) => time > now() - 14 * day)
  const found = metrics.filter(isMeant)
  const start = Number(NextToken ?? 0)
  return {
    Metrics: found.slice(start, start + listPage).map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(start + listPage < found.length && { NextToken: String(start + listPage) }),
  }
}

interface Window {
  readonly start: number
  readonly end: number
}

function getMetricData(
  raw: Omit<GetMetricDataInput, 'StartTime' | 'EndTime'> & { StartTime: number; EndTime: number },
  options: FakeCloudWatchOptions,
) {
  const { MetricDataQueries: queries = [], MaxDatapoints = 100_800, ScanBy = 'TimestampDescending', NextToken } = raw
  if (queries.length < 1 || queries.length > 500) throw new Error('MetricDataQueries must have 1 to 500 items')
  if (new Set(queries.map(({ Id }) => Id)).size !== queries.length) throw new Error('ids must be unique')
  const window = roundStart({ start: raw.StartTime * 1_000, end: raw.EndTime * 1_000 }, options.now())
  if (window.start >= window.end) throw new Error('StartTime must be before EndTime')
  const asked = queries.reduce((sum, query) => sum + Math.ceil((window.end - window.start) / periodOf(query)), 0)
  if (asked > 100_800)
    throw new Error(`You have requested up to ${asked} datapoints, which exceeds the limit of 100,800`)

  const results = queries.map((query) => {
    const values = valuesOf(query, window, options)
    return { query, values: ScanBy === 'TimestampAscending' ? values : values.reverse() }
  })
  return pageOf(results, {
    from: Number(NextToken ?? 0),
    size: Math.min(MaxDatapoints, options.pageSize ?? MaxDatapoints),
  })
}

/** Old start times are rounded down, as the reference tells. */
function roundStart({ start, end }: Window, now: number): Window {
  const age = now - start
  const grain = age < 15 * day ? minute : age < 63 * day ? 5 * minute : 60 * minute
  return { start: Math.floor(start / grain) * grain, end }
}

function periodOf({ MetricStat }: MetricDataQuery): number {
  const seconds = MetricStat?.Period ?? 0
  if (![1, 5, 10, 20, 30].includes(seconds) && (seconds <= 0 || seconds % 60 !== 0))
    throw new Error(`Period must be 1, 5, 10, 20, 30 or a multiple of 60, got ${seconds}`)
  return seconds * 1_000
}

const keptFor = (period: number): number =>
  period < minute
    ? day / 8
    : period % (60 * minute) === 0
      ? 455 * day
      : period % (5 * minute) === 0
        ? 63 * day
        : 15 * day

function valuesOf(
  query: MetricDataQuery,
  { start, end }: Window,
  { metrics, now }: FakeCloudWatchOptions,
): [number, number][] {
  const { Metric, Stat = '' } = query.MetricStat ?? {}
  const period = periodOf(query)
  const metric = metrics.find(
    ({ namespace, name, dimensions }) =>
      namespace === Metric?.Namespace &&
      name === Metric?.MetricName &&
      sameDimensions(dimensions, Metric?.Dimensions ?? []),
  )
  const slots = new Map<number, number[]>()
  for (const [time, value] of metric?.points ?? []) {
    const slot = Math.floor(time / period) * period
    if (slot < start || slot >= end || now() - slot > keptFor(period)) continue
    slots.set(slot, [...(slots.get(slot) ?? []), value])
  }
  return [...slots].sort(([a], [b]) => a - b).map(([slot, values]) => [slot, statistic(Stat, values)])
}

const sameDimensions = (held: Readonly<Record<string, string>>, asked: readonly Dimension[]): boolean =>
  Object.keys(held).length === asked.length && asked.every(({ Name = '', Value }) => held[Name] === Value)

function statistic(name: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  if (name === 'Sum') return sum
  if (name === 'Average') return sum / values.length
  if (name === 'Minimum') return Math.min(...values)
  if (name === 'Maximum') return Math.max(...values)
  if (name === 'SampleCount') return values.length
  const percent = Number(/^p(\d+(?:\.\d+)?)$/.exec(name)?.[1] ?? Number.NaN)
  if (!(percent >= 0 && percent <= 100)) throw new Error(`invalid Stat: ${name}`)
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
}

/** Results are cut after so many values; a metric that goes on stands on the next page again. */
function pageOf(
  results: readonly { query: MetricDataQuery; values: readonly [number, number][] }[],
  { from, size }: { from: number; size: number },
) {
  const page = []
  let before = 0
  for (const { query, values } of results) {
    const first = Math.max(0, from - before)
    const last = Math.min(values.length, from + size - before)
    const isHere = before >= from || (first < values.length && last > first)
    if (isHere && before <= from + size && (last >= first || values.length === 0)) {
      const shown = values.slice(first, Math.max(first, last))
      page.push({
        Id: query.Id,
        Label: query.MetricStat?.Metric?.MetricName,
        Timestamps: shown.map(([time]) => time / 1_000),
        Values: shown.map(([, value]) => value),
        StatusCode: last >= values.length ? 'Complete' : 'PartialData',
      })
    }
    before += values.length
  }
  return { MetricDataResults: page, Messages: [], ...(from + size < before && { NextToken: String(from + size) }) }
}
