import { z } from 'zod'
import { awsKeys } from '../../bucket/credentials.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import { isEmpty, minute, type Range, second } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'
import { defineSource, type SourceContext } from '../definition.ts'
import { duration, endpoint, flag, words } from '../options.ts'
import type { LimitsOptions, Query, Source, SourceLimits } from '../source.ts'
import { metricsApi } from './client.ts'
import { planRequests, readData } from './data.ts'
import { findMetrics, type MetricSelection, parseDimension } from './discover.ts'
import { parsePeriod, periodFor } from './periods.ts'

const statistic =
  /^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|wm|tc|ts)\d{1,2}(\.\d+)?|p100|(PR|TM|WM|TC|TS)\(.+\))$/

const options = z.object({
  namespace: z.string().describe('namespace, such as AWS/EC2'),
  dimensions: words
    .optional()
    .describe(
      'all dimensions of the metrics, with commas: Name=value, or Name for any value; by default any dimensions',
    ),
  statistic: z
    .string()
    .regex(statistic, 'expected Average, Sum, Minimum, Maximum, SampleCount, p99 …')
    .prefault('Average')
    .describe('Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99'),
  period: z
    .string()
    .prefault('auto')
    .describe('seconds of one value, or auto: the finest that CloudWatch still has, from 60'),
  accept_coarser: flag.prefault('false').describe('take coarser values where those of the period have expired'),
  settling: duration.prefault('900').describe('how long values may still change, in seconds or with a unit'),
  region: z.string().optional().describe('region; or AWS_REGION'),
  endpoint: endpoint.optional().describe('URL of a service other than Amazon’s that speaks the protocol'),
})

type Options = z.output<typeof options>

export const cloudwatch = defineSource({
  brief: 'Metrics of Amazon CloudWatch',
  options,
  secrets: [],
  incidental: ['endpoint', 'settling', 'accept_coarser'],
  // https://repost.aws/knowledge-center/cloudwatch-getmetricdata-api: the quotas of GetMetricData for values older than three hours
  pace: { maxRequestsPerSecond: 50, maxPointsPerSecond: 396_000 },
  bytesPerPoint: 30,
  needsMetric: true,
  open: (given, context) => cloudwatchSource(given, context),
})

/** Statistics of metrics, one point for each period that starts in the range. */
export function cloudwatchSource(
  given: Options,
  { env, caller, now }: Pick<SourceContext, 'env' | 'caller' | 'now'>,
): Source {
  const region = given.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined)
  const api = metricsApi({ region, endpoint: given.endpoint, credentials: awsKeys(env), caller, now })
  const periods = { period: parsePeriod(given.period), acceptCoarser: given.accept_coarser, planned: now() }
  const dimensions = given.dimensions?.filter((text) => text !== '').map(parseDimension)
  const select = ({ names }: Query): MetricSelection => {
    if (names === undefined) throw usageError('cloudwatch needs to know the metrics', 'name them with --metric')
    return { namespace: given.namespace, names, dimensions }
  }

  return {
    order: 'series',
    async *read(query, range, { signal, onNotice } = {}) {
      signal?.throwIfAborted()
      const selection = select(query)
      if (isEmpty(range) || selection.names.length === 0) return
      const period = periodFor(periods, range.start, now())
      if (period > (periods.period === 'auto' ? minute : periods.period))
        onNotice?.(`values are of ${period / second} s: CloudWatch keeps no finer ones of their age`)
      const matches = seriesMatcher({ glob: query.glob })
      const metrics = (await findMetrics(api, selection, signal)).filter(({ text }) => matches(text))
      yield* readData(api, { metrics, statistic: given.statistic, period, range }, { signal, onNotice })
    },
    async limits(query: Query, range: Range, { now: at, signal }: LimitsOptions): Promise<SourceLimits> {
      const metrics = await findMetrics(api, select(query), signal)
      const period = periodFor(periods, range.start, at)
      const { groups, spans, span, points } = planRequests({ metrics, period, range })
      return {
        span,
        resolution: period,
        settling: Math.max(given.settling, period),
        cost: {
          requests: groups * spans,
          series: metrics.length,
          points: points * metrics.length,
          atMost: true,
          billed: { 'cloudwatch:metrics-requested': metrics.length * spans },
        },
      }
    },
  }
}
