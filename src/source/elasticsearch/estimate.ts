import { z } from 'zod'
import type { Range } from '../../time/range.ts'
import type { Estimate } from '../source.ts'
import { type SearchClient, shaped } from './client.ts'
import { filterOf, type IndexQuery } from './fields.ts'

const answer = z.object({
  hits: z.object({ total: z.object({ value: z.number() }) }),
  aggregations: z.record(z.string(), z.object({ value: z.number().optional(), doc_count: z.number().optional() })),
})

/** How many distinct values are counted all but exactly; beyond it the service estimates. */
const precision = 40_000

/**
 * At most so many points: no series has more than one in a slot, no document gives more than one of each metric, and there are no more
 * series than combinations of the fields' values. One request, which counts.
 */
export async function estimateSlots(
  client: SearchClient,
  { query, resolution }: { query: IndexQuery; resolution: number },
  { range, signal }: { range: Range; signal?: AbortSignal },
): Promise<Estimate> {
  const { by, valueFields } = query
  const aggs = Object.fromEntries(
    by.flatMap((field, b) => [
      [`values${b}`, { cardinality: { field, precision_threshold: precision } }],
      [`none${b}`, { missing: { field } }],
    ]),
  )
  const body = { size: 0, track_total_hits: true, query: filterOf(query, range.start, range.end), aggs }
  const { hits, aggregations } = shaped(answer, await client.search(body, signal))
  const groups = by.map(
    (_, b) => (aggregations[`values${b}`].value ?? 0) + Math.sign(aggregations[`none${b}`].doc_count ?? 0),
  )
  const series = groups.reduce((product, values) => product * values, 1)
  const slots = Math.ceil((range.end - range.start) / resolution)
  const metrics = Object.keys(valueFields).length
  return { series: series * metrics, points: metrics * Math.min(series * slots, hits.total.value), atMost: true }
}
