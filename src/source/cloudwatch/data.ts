import type { GetMetricDataOutput, MetricDataResult } from '@aws-sdk/client-cloudwatch'
import { TooLarge } from '../../bucket/bucket.ts'
import { type PointBatch, seriesPoints } from '../../metric/points.ts'
import { ceilTo, contains, type Range, second, type Time } from '../../time/range.ts'
import { UserError, usageError } from '../../util/errors.ts'
import { halvesOfList, halvesOfRange, inHalves } from '../halves.ts'
import { type MetricsApi, textOf } from './client.ts'
import type { FoundMetric } from './discover.ts'

/** Metrics and values that one GetMetricData may ask for, limits of CloudWatch. */
const queriesPerRequest = 500
const pointsPerRequest = 100_800

export interface DataRequest {
  readonly metrics: readonly FoundMetric[]
  readonly statistic: string
  /** Milliseconds. */
  readonly period: number
  readonly range: Range
}

export interface DataOptions {
  readonly signal?: AbortSignal
  readonly onNotice?: (notice: string) => void
}

/** How a request is cut: `groups` of so many metrics, each in `spans` of so many milliseconds. */
export function planRequests({ metrics, period, range }: Omit<DataRequest, 'statistic'>) {
  const perGroup = Math.max(1, Math.min(queriesPerRequest, metrics.length))
  const groups = Math.ceil(metrics.length / perGroup)
  const span = Math.floor(pointsPerRequest / perGroup) * period
  const { start, end } = slotsOf(range, period)
  return { perGroup, groups, span, spans: Math.max(0, Math.ceil((end - start) / span)), points: (end - start) / period }
}

/** The slots that start in a range: CloudWatch aligns them to multiples of the period. */
const slotsOf = ({ start, end }: Range, period: number): Range => ({
  start: ceilTo(start, period),
  end: ceilTo(end, period),
})

/** Reads the values of metrics, series by series: one batch each. */
export async function* readData(
  api: MetricsApi,
  request: DataRequest,
  options: DataOptions,
): AsyncGenerator<PointBatch> {
  const { metrics, range, period } = request
  const { perGroup, span } = planRequests(request)
  const { start, end } = slotsOf(range, period)
  const dictionary: string[] = []
  for (let first = 0; first < metrics.length; first += perGroup) {
    const group = metrics.slice(first, first + perGroup)
    const values = new Map(group.map(({ text }) => [text, new Map<Time, number>()]))
    for (let at = start; at < end; at += span) {
      const part = { ...request, metrics: group, range: { start: at, end: Math.min(end, at + span) } }
      const found = inHalves(part, (half) => readOnce(api, half, options), halvesOf)
      for await (const [text, time, value] of found) values.get(text)?.set(time, value)
    }
    for (const [text, found] of values) {
      const points = [...found].sort(([a], [b]) => a - b)
      if (points.length > 0)
        yield seriesPoints(points, { input: 'CloudWatch', dictionary, id: dictionary.push(text) - 1 })
    }
  }
}

/** Halves of the time, or where that is one period of the metrics. */
const halvesOf = (part: DataRequest): readonly DataRequest[] | undefined =>
  halvesOfRange(part.range, part.period)?.map((range) => ({ ...part, range })) ??
  halvesOfList(part.metrics)?.map((metrics) => ({ ...part, metrics }))

type Found = readonly [text: string, time: Time, value: number]

/** The values of one request, of all its pages. */
async function* readOnce(
  api: MetricsApi,
  { metrics, statistic, period, range }: DataRequest,
  { signal, onNotice }: DataOptions,
): AsyncGenerator<Found> {
  const input = {
    StartTime: new Date(range.start),
    EndTime: new Date(range.end),
    ScanBy: 'TimestampAscending' as const,
    MetricDataQueries: metrics.map(({ metric }, m) => ({
      Id: `m${m}`,
      MetricStat: { Metric: metric, Period: period / second, Stat: statistic },
    })),
  }
  const done = new Set<string>()
  for await (const page of api.getMetricData(input, signal)) {
    reportMessages(page, onNotice)
    for (const result of page.MetricDataResults ?? []) {
      const { Id = '' } = result
      if (isComplete(result)) done.add(Id)
      yield* valuesOf(result, metrics[Number(Id.slice(1))], range)
    }
  }
  const missing = metrics.find((_metric, m) => !done.has(`m${m}`))
  if (missing)
    throw new UserError(`CloudWatch gave only a part of ${missing.text}`, { hint: 'run the same command again' })
}

function* valuesOf({ Timestamps = [], Values = [] }: MetricDataResult, { text }: FoundMetric, range: Range) {
  for (const [i, at] of Timestamps.entries())
    if (contains(range, at.getTime())) yield [text, at.getTime(), Values[i]] as const
}

/** Whether a result is the last of its metric; more of one that is not stand on the next page. */
function isComplete({ StatusCode, Messages, Label }: MetricDataResult): boolean {
  if (StatusCode === 'Forbidden')
    throw usageError(`access denied to ${Label} of CloudWatch: ${textOf(Messages)}`, 'check the credentials')
  return StatusCode === 'Complete'
}

function reportMessages({ Messages = [] }: GetMetricDataOutput, onNotice?: (notice: string) => void): void {
  for (const { Code, Value } of Messages) {
    if (/Exceeded/.test(Code ?? '')) throw new TooLarge(`CloudWatch leaves something out: ${Code}: ${Value}`)
    onNotice?.(`CloudWatch says ${Code}: ${Value}`)
  }
}
