import { z } from 'zod'
import { type PointBatch, seriesPoints } from '../../metric/points.ts'
import { formatSeries, series } from '../../metric/series.ts'
import { ceilTo, type Range, type Time } from '../../time/range.ts'
import { UserError } from '../../util/errors.ts'
import { type SearchClient, shaped } from './client.ts'
import { filterOf, type IndexQuery } from './fields.ts'
import type { PageSize } from './page-size.ts'

export const statistics = ['avg', 'sum', 'min', 'max', 'value_count'] as const

export interface Aggregation {
  readonly statistic: (typeof statistics)[number]
  /** Milliseconds of one slot. */
  readonly resolution: number
}

const key = z.union([z.string(), z.number(), z.boolean(), z.null()])
const number = z.union([z.number(), z.string().transform(Number), z.null()])
const stats = z.object({ count: z.number(), avg: number, sum: number, min: number, max: number })
const page = z.object({
  aggregations: z.object({
    slots: z.object({
      after_key: z.record(z.string(), key).optional(),
      buckets: z.array(z.looseObject({ key: z.looseObject({ time: z.number() }).and(z.record(z.string(), key)) })),
    }),
  }),
})

type Bucket = z.output<typeof page>['aggregations']['slots']['buckets'][number]

interface Reading {
  readonly client: SearchClient
  readonly query: IndexQuery
  readonly aggregation: Aggregation
  readonly pages: PageSize
}

/**
 * Reads one statistic for each slot that starts in the range and each combination of the fields in `by`, series by series. A slot at an edge is whole: it
 * belongs to the range that holds its start.
 */
export async function* readSlots(reading: Reading, range: Range, signal?: AbortSignal): AsyncGenerator<PointBatch> {
  const metrics = Object.keys(reading.query.valueFields)
  const dictionary: string[] = []
  let tags: Record<string, string> = {}
  let group: Bucket[] = []
  function* take(): Generator<PointBatch> {
    for (const [m, metric] of metrics.entries()) {
      const points = pointsOf(group, m, reading.aggregation)
      if (points.length === 0) continue
      const id = dictionary.push(formatSeries(series(metric, tags))) - 1
      yield seriesPoints(points, { input: reading.query.index, dictionary, id })
    }
  }
  for await (const bucket of readBuckets(reading, range, signal)) {
    const next = tagsOf(bucket, reading.query.by)
    if (group.length > 0 && JSON.stringify(next) !== JSON.stringify(tags)) {
      yield* take()
      group = []
    }
    tags = next
    group.push(bucket)
  }
  yield* take()
}

/** The buckets of a composite aggregation, page by page: ordered by the fields, then time. */
async function* readBuckets({ client, query, aggregation, pages }: Reading, range: Range, signal?: AbortSignal) {
  const { resolution } = aggregation
  const filter = filterOf(query, ceilTo(range.start, resolution), ceilTo(range.end, resolution))
  const fields = Object.values(query.valueFields)
  const aggs = Object.fromEntries(fields.map((field, m) => [`m${m}`, { stats: { field } }]))
  const sources = [
    ...query.by.map((field, b) => ({ [`b${b}`]: { terms: { field, missing_bucket: true } } })),
    { time: { date_histogram: { field: query.timeField, fixed_interval: `${resolution}ms` } } },
  ]
  let after: Record<string, unknown> | undefined
  do {
    const slots = await pages.fit(async (size) => {
      const composite = { size, sources, ...(after && { after }) }
      const body = { size: 0, track_total_hits: false, query: filter, aggs: { slots: { composite, aggs } } }
      return shaped(page, await client.search(body, signal)).aggregations.slots
    })
    if (after && JSON.stringify(slots.after_key) === JSON.stringify(after))
      throw new UserError(`${query.index} gives the same page again and again`)
    yield* slots.buckets
    after = slots.after_key
  } while (after)
}

function tagsOf({ key }: Bucket, by: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const [b, field] of by.entries()) {
    const value = key[`b${b}`]
    if (value !== null && value !== undefined) tags[field] = String(value)
  }
  return tags
}

function pointsOf(
  buckets: readonly Bucket[],
  metric: number,
  { statistic }: Aggregation,
): [time: Time, value: number][] {
  return buckets.flatMap((bucket) => {
    const { count, ...values } = stats.parse(bucket[`m${metric}`])
    if (count === 0) return []
    const value = statistic === 'value_count' ? count : values[statistic]
    return value === null ? [] : [[bucket.key.time, value]]
  })
}
