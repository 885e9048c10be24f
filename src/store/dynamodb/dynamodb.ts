import { seriesMatcher } from '../../metric/matching.ts'
import type { PointBatch } from '../../metric/points.ts'
import { metricKey } from '../../metrics-file/series.ts'
import { type Range, second, type Time } from '../../time/range.ts'
import { arrayOf } from '../../util/array.ts'
import { forEach } from '../../util/concurrency.ts'
import { UserError } from '../../util/errors.ts'
import { pointsOnly } from '../points-only.ts'
import type { Patch, Place, Receipt, RowBatch, RowQuery, Store } from '../store.ts'
import { normalisePoints } from './cells.ts'
import { changedItems, goneCells, type MetricChange, metricChanges } from './changes.ts'
import { type Connection, type ConnectionOptions, connect, type Item } from './connection.ts'
import { estimateReading, type ReadingEstimate } from './estimate.ts'
import { type Expiry, expiryOf, toItem } from './items.ts'
import { clustermanLayout, type Layout, type MetricAddress, metricTypes } from './layout.ts'
import { pointOutput } from './output.ts'
import { readItems, readKeys } from './read.ts'
import { createTable } from './tables.ts'
import { type TableWrite, writeItems } from './write.ts'

export interface DynamoStoreOptions extends ConnectionOptions {
  /** What the names of the tables begin with. */
  readonly prefix?: string
  /** The application of app metrics, where their series do not name it. */
  readonly app?: string
  readonly expiry?: Expiry
}

/** A DynamoDB in Clusterman's layout, as docs/dynamodb.md describes it. */
export interface DynamoStore extends Store {
  /** Makes the tables of these metric types where they are missing. */
  createTables(signal?: AbortSignal): Promise<void>
  /** What reading a range will take, by a sample of the metrics. */
  estimate(range: Range, signal?: AbortSignal): Promise<ReadingEstimate>
}

interface Metrics {
  readonly connection: Connection
  readonly layout: Layout
  readonly expiry: Expiry
}

const never: Expiry = { mode: 'none', days: 0 }

/** Points in DynamoDB. It has no transaction over many items: a replacement that fails may be done in part. */
export function dynamoStore({
  prefix = 'clusterman_',
  app,
  expiry = never,
  ...options
}: DynamoStoreOptions): DynamoStore {
  const connection = connect(options)
  const layout = clustermanLayout({ prefix, app })
  const metrics = { connection, layout, expiry }
  return {
    replace: (place, batches, { signal } = {}) => replace(metrics, place, { batches, signal }),
    patch: (change, { signal } = {}) => patch(metrics, change, signal),
    read: (query, range, { signal } = {}) => read(metrics, query, { range, signal }),
    resolution: second,
    normalise: (batch) => normalise(requirePoints(batch)),
    async createTables(signal) {
      for (const type of metricTypes) await createTable(connection, { table: layout.table(type), signal })
    },
    async estimate(range, signal) {
      const addresses = await arrayOf(allMetrics(metrics, signal))
      const itemsOf = ({ type, key }: MetricAddress) =>
        readItems(connection, { table: layout.table(type), key, ...secondsOf(range), signal })
      return estimateReading(addresses, itemsOf)
    },
    async [Symbol.asyncDispose]() {
      connection.close()
    },
  }
}

const normalise = (batch: PointBatch): PointBatch => normalisePoints(batch, (text) => metricKey(text).key)

const { requireFull, requirePoints } = pointsOnly('DynamoDB')

/** Metrics whose items are planned before they are written, and how many are asked for at once. */
const slice = 64
const atOnce = 8

async function replace(
  metrics: Metrics,
  { granularity, range, series }: Place,
  { batches, signal }: { batches: AsyncIterable<RowBatch> | Iterable<RowBatch>; signal?: AbortSignal },
): Promise<Receipt> {
  requireFull(granularity)
  const changes = metricChanges(metrics.layout)
  let rows = 0
  for await (const batch of batches) {
    const points = normalise(requirePoints(batch))
    changes.add('puts', points)
    rows += points.length
  }
  if (series !== 'all') for (const text of series) changes.addSeries(text)
  else for await (const address of allMetrics(metrics, signal)) changes.addMetric(address)
  const isGone = ({ fields }: MetricChange) => (series === 'all' ? () => true : (field?: string) => fields.has(field))
  const bytes = await apply(metrics, [...changes.all], { range, isGone, signal })
  return { rows, bytes }
}

async function patch(metrics: Metrics, { granularity, rows, gone }: Patch, signal?: AbortSignal): Promise<Receipt> {
  requireFull(granularity)
  const changes = metricChanges(metrics.layout)
  const puts = normalise(requirePoints(rows))
  const takes = normalise(requirePoints(gone))
  changes.add('puts', puts)
  changes.add('gone', takes)
  const times = [...puts.time, ...takes.time]
  if (times.length === 0) return { rows: 0, bytes: 0 }
  const range = times.reduce(
    ({ start, end }, time) => ({ start: Math.min(start, time), end: Math.max(end, time + 1) }),
    {
      start: Number.POSITIVE_INFINITY,
      end: Number.NEGATIVE_INFINITY,
    },
  )
  return { rows: puts.length, bytes: await apply(metrics, [...changes.all], { range, isGone: goneCells, signal }) }
}

interface Application {
  readonly range: Range
  isGone(change: MetricChange): (field: string | undefined, time: Time) => boolean
  readonly signal?: AbortSignal
}

/** Brings the items of metrics up to date; gives the size of what was written. */
async function apply(metrics: Metrics, changes: readonly MetricChange[], application: Application): Promise<number> {
  let bytes = 0
  for (let start = 0; start < changes.length; start += slice) {
    const writes: TableWrite[] = []
    const some = changes.slice(start, start + slice)
    await forEach(some, { limit: atOnce, signal: application.signal }, async (change, signal) => {
      for (const write of await planWrites(metrics, change, { ...application, signal })) writes.push(write)
    })
    await writeItems(metrics.connection, writes, application.signal)
    for (const { request } of writes) bytes += JSON.stringify(request.PutRequest?.Item ?? {}).length
  }
  return bytes
}

async function planWrites(
  { connection, layout, expiry }: Metrics,
  change: MetricChange,
  { range, isGone, signal }: Application,
): Promise<TableWrite[]> {
  const { type, key } = change.address
  const table = layout.table(type)
  const before: Item[] = []
  for await (const items of readItems(connection, { table, key, ...secondsOf(range), signal })) before.push(...items)
  const now = connection.clock.now()
  return [...changedItems(change, before, isGone(change))].map(([time, cells]) => {
    const expires = expiryOf(expiry, time, now)
    if (cells.size > 0)
      return { table, request: { PutRequest: { Item: toItem(change.address, time, { cells, expires }) } } }
    return { table, request: { DeleteRequest: { Key: { key: { S: key }, timestamp: { N: String(time / second) } } } } }
  })
}

/** Both included. */
const secondsOf = ({ start, end }: Range) => ({ first: start / second, last: (end - 1) / second })

async function* allMetrics({ connection, layout }: Metrics, signal?: AbortSignal): AsyncGenerator<MetricAddress> {
  for (const type of metricTypes) {
    for await (const key of readKeys(connection, { table: layout.table(type), signal })) {
      const address = layout.metric(type, key)
      if (address) yield address
    }
  }
}

async function* read(
  metrics: Metrics,
  { granularity, glob, names }: RowQuery,
  { range, signal }: { range: Range; signal?: AbortSignal },
): AsyncGenerator<PointBatch> {
  requireFull(granularity)
  const output = pointOutput(metrics.layout, seriesMatcher({ glob, names }))
  for await (const address of names ? namedMetrics(metrics, names) : allMetrics(metrics, signal)) {
    const { type, key } = address
    const request = { table: metrics.layout.table(type), key, ...secondsOf(range), signal }
    yield* output(address, readItems(metrics.connection, request))
  }
}

function namedMetrics({ layout }: Metrics, names: readonly string[]): MetricAddress[] {
  const changes = metricChanges(layout)
  for (const text of names) if (hasPlace(layout, text)) changes.addSeries(text)
  return [...changes.all].map(({ address }) => address)
}

/** A series without a place is nowhere to be found. */
function hasPlace(layout: Layout, text: string): boolean {
  try {
    layout.locate(text)
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}
