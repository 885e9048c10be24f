import { z } from 'zod'
import { seriesMatcher } from '../../metric/matching.ts'
import { type PointBatch, selectPoints } from '../../metric/points.ts'
import { floorTo, hour, isEmpty, minute, type Range } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'
import { parseLocation } from '../../util/location.ts'
import { defineSource, type SourceContext } from '../definition.ts'
import { duration, flag, words } from '../options.ts'
import type { Query, ReadOptions, Source, SourceLimits } from '../source.ts'
import { readSlots, statistics } from './aggregated.ts'
import { type SearchClient, searchClient, shaped } from './client.ts'
import { estimateSlots } from './estimate.ts'
import { checkFields, filterOf, type IndexQuery } from './fields.ts'
import { pageSize } from './page-size.ts'
import { readDocuments } from './raw.ts'

const options = z.object({
  node: z.string().prefault('http://127.0.0.1:9200').describe('URL of a node'),
  index: z.string().describe('index, several with commas, or a pattern'),
  time_field: z.string().prefault('@timestamp').describe('date field'),
  value_field: z.string().optional().describe('numeric field of the value; by default the one called as the metric'),
  statistic: z.enum(statistics).prefault('avg').describe('what is taken of the values in a slot'),
  by: words.optional().describe('fields that become tags, with commas'),
  query: z
    .string()
    .optional()
    .describe('which documents, in the language of query_string: host:web* AND NOT test:true'),
  resolution: duration.prefault('60').describe('length of a slot, in seconds or with a unit'),
  raw: flag.prefault('false').describe('take every document as a point instead of a statistic of each slot'),
  api_key: z.string().optional().describe('key, encoded as Kibana shows it; or ELASTIC_API_KEY'),
  username: z.string().optional().describe('or ELASTIC_USERNAME, OPENSEARCH_USERNAME'),
  password: z.string().optional().describe('or ELASTIC_PASSWORD, OPENSEARCH_PASSWORD'),
})

type Options = z.output<typeof options>

export const elasticsearch = defineSource({
  brief: 'Numbers in documents of Elasticsearch or OpenSearch',
  options,
  secrets: ['api_key', 'username', 'password'],
  bytesPerPoint: 200,
  needsMetric: true,
  open: (given, context) => elasticsearchSource(given, context),
})

/** Slots of a page of an aggregation, and documents of a page of a search; services hold 10,000 for the most. */
const bucketsPerPage = 1_000
const documentsPerPage = 5_000
/** Pages of one series, or of documents, that are read in one go: more parts can be read side by side. */
const pagesPerRead = 4
/** Ms after which a document that was sent can be found, by any usual refresh interval. */
const settling = minute

/** Numbers in documents: a statistic of each slot, or every document. Metrics are fields, or names given to `value_field`. */
export function elasticsearchSource(
  given: Options,
  { env, caller, now }: Pick<SourceContext, 'env' | 'caller' | 'now'>,
): Source {
  const { raw, statistic, resolution, index, by = [] } = given
  const node = parseLocation(given.node).href
  const client = searchClient({ node, index, authorization: authorization(given, env), caller, now })
  const pages = pageSize(raw ? documentsPerPage : bucketsPerPage)
  const aggregation = { statistic, resolution }

  return {
    order: raw ? 'arrival' : 'series',
    async *read(asked: Query, range: Range, { signal }: ReadOptions = {}) {
      signal?.throwIfAborted()
      const query = indexQuery(given, asked)
      if (isEmpty(range) || asked.names?.length === 0) return
      const integers = await checkFields(client, query, signal)
      const batches = raw
        ? readDocuments({ client, query, integers, pages }, range, signal)
        : readSlots({ client, query, aggregation, pages }, range, signal)
      for await (const batch of batches) yield* matching(batch, asked.glob)
    },
    async estimate(asked, range, signal) {
      if (raw || by.length === 0) return {}
      return estimateSlots(client, { query: indexQuery(given, asked), resolution }, { range, signal })
    },
    limits: (asked, range, { signal }) => limits(client, { given, query: indexQuery(given, asked) }, { range, signal }),
  }
}

function indexQuery({ index, time_field, value_field, by = [], query }: Options, { names }: Query): IndexQuery {
  if (names === undefined) throw usageError('elasticsearch needs to know the metrics', 'name them with --metric')
  const valueFields = Object.fromEntries(names.map((name) => [name, value_field ?? name]))
  return { index, timeField: time_field, valueFields, by, ...(query !== undefined && { query }) }
}

function* matching(batch: PointBatch, glob: string | undefined): Generator<PointBatch> {
  const wanted = glob === undefined ? batch : selectPoints(batch, seriesMatcher({ glob }))
  if (wanted.length > 0) yield wanted
}

async function limits(
  client: SearchClient,
  { given, query }: { given: Options; query: IndexQuery },
  { range, signal }: { range: Range; signal?: AbortSignal },
): Promise<SourceLimits> {
  const { raw, resolution, by = [] } = given
  if (raw) {
    const answer = await client.post('/_count', { query: filterOf(query, range.start, range.end) }, signal)
    const points = shaped(z.object({ count: z.number() }), answer).count
    // The fields, the node, the point in time and its end.
    const share = (pagesPerRead * documentsPerPage) / Math.max(1, points)
    const span = Math.max(hour, floorTo((range.end - range.start) * share, hour))
    return { span, settling, cost: { requests: Math.ceil(points / documentsPerPage) + 4, points } }
  }
  const slots = Math.ceil((range.end - range.start) / resolution)
  const requests = Math.ceil(slots / bucketsPerPage) + 2
  const series = Object.keys(query.valueFields).length
  const points = by.length === 0 ? { series, points: slots * series, atMost: true } : {}
  return {
    span: pagesPerRead * bucketsPerPage * resolution,
    resolution,
    settling: Math.max(settling, resolution),
    cost: { requests, ...points },
  }
}

/** @returns the value of the Authorization header, where there are credentials */
function authorization({ api_key, username, password }: Options, env: SourceContext['env']): string | undefined {
  const key = api_key ?? (username === undefined ? env.ELASTIC_API_KEY : undefined)
  if (key) return `ApiKey ${key}`
  const user = username ?? (env.ELASTIC_USERNAME || env.OPENSEARCH_USERNAME)
  if (!user) return undefined
  const secret = password ?? (env.ELASTIC_PASSWORD || env.OPENSEARCH_PASSWORD)
  if (!secret) throw usageError(`no password for ${user}`, 'set ELASTIC_PASSWORD or OPENSEARCH_PASSWORD')
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}
