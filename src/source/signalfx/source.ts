import { z } from 'zod'
import type { Attempt } from '../../bucket/caller.ts'
import { day, hour, isEmpty, minute, type Range } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'
import { spread } from '../../util/spread.ts'
import { defineSource, type SourceContext } from '../definition.ts'
import { duration, endpoint, repeatable, wholeNumber, words } from '../options.ts'
import type { Estimate, Query, ReadOptions, Source } from '../source.ts'
import { type ComputationResult, computation } from './computation.ts'
import { type ProgramOptions, signalFlowProgram } from './program.ts'
import { batchOf } from './result.ts'

const options = z.object({
  api_token: z.string().optional().describe('Access token; SIGNALFX_API_TOKEN in the environment does as well'),
  realm: z
    .string()
    .regex(/^[\w-]+$/, 'expected a realm such as us1')
    .prefault('us1')
    .describe('Realm of the organisation'),
  endpoint: endpoint.optional().describe('Another place than https://stream.<realm>.signalfx.com'),
  filters: repeatable.prefault([]).describe('dimension:value that a series must have; may be given several times'),
  resolution: duration.prefault('60').describe('Seconds between two points'),
  rollup: z
    .enum(['average', 'count', 'delta', 'lag', 'latest', 'max', 'min', 'rate', 'sum', 'none'])
    .prefault('average')
    .describe('How values of one series within the resolution become one; none leaves it to the metric'),
  extrapolation: z
    .enum(['null', 'zero', 'last_value'])
    .prefault('last_value')
    .describe('What stands in for values that are missing'),
  max_extrapolations: wholeNumber.prefault('3').describe('How many values in a row may be missing'),
  aggregate: z
    .enum(['sum', 'mean', 'min', 'max', 'count', 'median', 'none'])
    .prefault('sum')
    .describe('What becomes of the series of a metric; none keeps every one'),
  by: words.prefault('AZ,inst_type').describe('Dimensions that stay apart when aggregating; empty for one series'),
})

type Options = z.output<typeof options>

/** What the service computes in one go without trouble: Clusterman asked for so much, too. */
const span = 5 * day
/** How many metrics are computed, over how long an end of the range, to estimate all of it. */
const sampled = { metrics: 8, span: hour }
/** Values may arrive so late, since that is how long a computation waits at most. */
const settling = 15 * minute

function signalFxSource(given: Options, { env, caller, now }: SourceContext): Source {
  const token = requireToken(given.api_token ?? env.SIGNALFX_API_TOKEN)
  const url = given.endpoint ?? `https://stream.${given.realm}.signalfx.com`
  const program = programOptions(given)
  const { resolution } = given
  const isOneSeries = program.aggregate !== undefined && program.by.length === 0

  async function* read({ names = [] }: Query, range: Range, { signal, onNotice }: ReadOptions = {}) {
    if (isEmpty(range)) return
    for (const metric of names) {
      const request = { url, token, program: signalFlowProgram(metric, program), range, resolution, now }
      const run: Attempt<ComputationResult> = (attempt, alive) => {
        const took = (bytes: number) => {
          alive()
          caller.took({ bytes })
        }
        return computation(request, { signal: attempt, took })
      }
      const result = await caller.call(run, signal)
      if (result.resolution !== undefined && result.resolution > resolution)
        onNotice?.(`${metric} has a resolution of ${result.resolution / 1_000} s instead of ${resolution / 1_000} s`)
      const batch = batchOf(metric, result, { range, by: program.aggregate === undefined ? undefined : program.by })
      if (batch.length > 0) yield batch
    }
  }

  async function estimate({ names = [] }: Query, { start, end }: Range, signal?: AbortSignal): Promise<Estimate> {
    const sample = { names: spread(names, sampled.metrics), start: Math.max(start, end - sampled.span) }
    let [series, points] = [0, 0]
    for await (const batch of read({ names: sample.names }, { start: sample.start, end }, { signal })) {
      series += new Set(batch.series).size
      points += batch.length
    }
    if (points === 0) return {}
    const share = names.length / sample.names.length
    return {
      series: Math.ceil(series * share),
      points: Math.ceil(points * share * ((end - start) / (end - sample.start))),
    }
  }

  return {
    order: 'arrival',
    read,
    // The limits know how many points one series of every metric has.
    ...(!isOneSeries && { estimate }),
    async limits({ names = [] }, range) {
      const length = range.end - range.start
      const requests = names.length * Math.ceil(length / span)
      const series = names.length
      const points = isOneSeries ? { series, points: series * Math.ceil(length / resolution), atMost: true } : {}
      return { span, resolution, settling, cost: { requests, ...points } }
    },
  }
}

function requireToken(token: string | undefined): string {
  if (token) return token
  throw usageError('signalfx needs a token', 'set SIGNALFX_API_TOKEN, or give -o api_token=…')
}

function programOptions({
  filters,
  rollup,
  extrapolation,
  max_extrapolations,
  aggregate,
  by,
}: Options): ProgramOptions {
  return {
    filters: filters.map(parseFilter),
    extrapolation,
    maxExtrapolations: max_extrapolations,
    rollup: rollup === 'none' ? undefined : rollup,
    aggregate: aggregate === 'none' ? undefined : aggregate,
    by: by.filter((dimension) => dimension !== ''),
  }
}

function parseFilter(text: string): [string, string] {
  const at = text.indexOf(':')
  if (at < 1) throw usageError(`invalid filter: expected dimension:value, got ${text}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

export const signalfx = defineSource({
  brief: 'SignalFx (Splunk Observability): metrics computed by SignalFlow',
  options,
  secrets: ['api_token'],
  aliases: { filter: 'filters' },
  bytesPerPoint: 120,
  needsMetric: true,
  open: signalFxSource,
})
