import { z } from 'zod'
import { Kind, type PointBatch } from '../../metric/points.ts'
import { formatSeries, series } from '../../metric/series.ts'
import type { Range } from '../../time/range.ts'
import { UserError, usageError } from '../../util/errors.ts'
import { type SearchClient, shaped } from './client.ts'
import { filterOf, type IndexQuery } from './fields.ts'
import type { PageSize } from './page-size.ts'

const value = z.union([z.string(), z.number(), z.boolean()])
const page = z.object({
  hits: z.object({
    total: z.object({ value: z.number() }).optional(),
    hits: z.array(
      z.object({
        _id: z.string(),
        fields: z.record(z.string(), z.array(value)).default({}),
        sort: z.array(z.union([value, z.null()])),
      }),
    ),
  }),
  pit_id: z.string().optional(),
})

type Hit = z.output<typeof page>['hits']['hits'][number]

interface Reading {
  readonly client: SearchClient
  readonly query: IndexQuery
  /** Fields whose values are integers. */
  readonly integers: ReadonlySet<string>
  readonly pages: PageSize
}

/**
 * Reads every document of a range, in order of time, as points: one for each metric whose field it has.
 * @throws where the pages do not add up to the documents there are
 */
export async function* readDocuments(reading: Reading, range: Range, signal?: AbortSignal): AsyncGenerator<PointBatch> {
  const points = pointsBuilder(reading)
  const pit = await openPointInTime(reading, signal)
  try {
    let after: Hit['sort'] | undefined
    let left = 0
    do {
      const { hits, total } = await readPage({ ...reading, pit }, { range, after, signal })
      left = (total ?? left) - hits.length
      if (hits.length === 0 ? left > 0 : left < 0)
        throw new UserError(`pages of ${reading.query.index} do not add up: ${Math.abs(left)} documents off`)
      if (hits.length > 0) yield points(hits)
      after = hits.at(-1)?.sort
    } while (left > 0)
  } finally {
    await pit.close()
  }
}

/** A view of the index that stays as it is while its pages are read. */
interface PointInTime {
  id: string
  /** What makes the order of documents of one time certain. */
  readonly tiebreak: readonly object[]
  close(): Promise<void>
}

const keepAlive = '5m'
/** Ms that its end may take: nobody is to wait for a service that is down. */
const longestEnd = 2_000
/** OpenSearch would make one of the shards that answer, and nobody would know. */
const allShards = 'allow_partial_pit_creation=false'
const root = z.object({ version: z.object({ distribution: z.string().optional() }) })

async function openPointInTime({ client }: Reading, signal?: AbortSignal): Promise<PointInTime> {
  const { version } = shaped(root, await client.get('/', signal))
  const isOpenSearch = version.distribution === 'opensearch'
  const opened = isOpenSearch
    ? await client.post(`/_search/point_in_time?keep_alive=${keepAlive}&${allShards}`, undefined, signal)
    : await client.post(`/_pit?keep_alive=${keepAlive}`, undefined, signal)
  const { id, pit_id } = shaped(z.object({ id: z.string().optional(), pit_id: z.string().optional() }), opened)
  const pit: PointInTime = {
    id: id ?? pit_id ?? '',
    // OpenSearch does not know the order of documents in shards that Elasticsearch adds by itself.
    tiebreak: isOpenSearch ? [{ _id: 'asc' }, { _index: 'asc' }] : [],
    async close() {
      const [path, body] = isOpenSearch ? ['/_search/point_in_time', { pit_id: [pit.id] }] : ['/_pit', { id: pit.id }]
      // It expires by itself where this fails.
      await client.delete(path as string, body, AbortSignal.timeout(longestEnd)).catch(() => undefined)
    },
  }
  return pit
}

function readPage(
  { client, query, pages, pit }: Reading & { pit: PointInTime },
  { range, after, signal }: { range: Range; after?: Hit['sort']; signal?: AbortSignal },
): Promise<{ hits: Hit[]; total?: number }> {
  const names = [...new Set([...Object.values(query.valueFields), ...query.by])]
  const body = {
    query: filterOf(query, range.start, range.end),
    pit: { id: pit.id, keep_alive: keepAlive },
    _source: false,
    docvalue_fields: [{ field: query.timeField, format: 'epoch_millis' }, ...names.map((field) => ({ field }))],
    sort: [{ [query.timeField]: { order: 'asc', numeric_type: 'date' } }, ...pit.tiebreak],
    track_total_hits: after === undefined,
    ...(after && { search_after: after }),
  }
  return pages.fit(async (size) => {
    const { hits, pit_id } = shaped(page, await client.search({ ...body, size }, signal))
    pit.id = pit_id ?? pit.id
    return { hits: hits.hits, total: hits.total?.value }
  })
}

/** Makes points of documents; the ids of all batches belong to one dictionary. */
function pointsBuilder({ query, integers }: Reading): (hits: readonly Hit[]) => PointBatch {
  const dictionary: string[] = []
  const idOf = new Map<string, number>()
  const idFor = (metric: string, tags: Record<string, string>): number => {
    const text = formatSeries(series(metric, tags))
    const id = idOf.get(text) ?? dictionary.push(text) - 1
    idOf.set(text, id)
    return id
  }
  const metrics = Object.entries(query.valueFields)
  return (hits) => {
    const points: RawPoint[] = []
    for (const hit of hits) {
      const time = Math.floor(Number(hit.fields[query.timeField][0]))
      const tags = tagsOf(hit, query)
      for (const [metric, field] of metrics)
        for (const text of hit.fields[field] ?? [])
          points.push({
            series: idFor(metric, tags),
            time,
            value: numberText(text, { hit, field, query }),
            isInteger: integers.has(field),
          })
    }
    return batchOf(points, query.index, dictionary)
  }
}

/** Of a field of another type there are values that are none: a raw reading takes whatever documents have. */
function numberText(found: z.output<typeof value>, at: { hit: Hit; field: string; query: IndexQuery }): string {
  const text = String(found)
  if (text.trim() !== '' && !Number.isNaN(Number(text))) return text
  throw usageError(
    `not a number: ${at.field} of document ${at.hit._id} of ${at.query.index} is ${JSON.stringify(found)}`,
    'check the metric and value_field',
  )
}

function tagsOf({ _id, fields }: Hit, { index, by }: IndexQuery): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const field of by) {
    const values = fields[field] ?? []
    if (values.length > 1)
      throw new UserError(`document ${_id} of ${index} has ${values.length} values of ${field}`, {
        hint: 'leave it out of by',
      })
    if (values.length === 1) tags[field] = String(values[0])
  }
  return tags
}

interface RawPoint {
  readonly series: number
  readonly time: number
  /** Of any length: a double might not hold it. */
  readonly value: string
  readonly isInteger: boolean
}

function batchOf(points: readonly RawPoint[], input: string, dictionary: readonly string[]): PointBatch {
  const isWide = points.some(({ value, isInteger }) => isInteger && !Number.isSafeInteger(Number(value)))
  return {
    input,
    length: points.length,
    dictionary,
    series: Uint32Array.from(points, ({ series }) => series),
    time: Float64Array.from(points, ({ time }) => time),
    value: Float64Array.from(points, ({ value }) => Number(value)),
    kind: Uint8Array.from(points, ({ isInteger }) => (isInteger ? Kind.int64 : Kind.double)),
    ...(isWide && {
      wide: BigInt64Array.from(points, ({ value, isInteger }) => (isInteger ? BigInt(value) : 0n)),
    }),
  }
}
