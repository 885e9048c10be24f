import { allShards, type Shards } from '../../archive/shards.ts'
import { selectRows } from '../../metric/arrange.ts'
import { selectPoints } from '../../metric/arrange-points.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import { Integer, type RollupBatch } from '../../metric/rollups.ts'
import { isPoints, matchRows, type RowBatch } from '../../metric/rows.ts'
import type { MeanMode } from '../../rollup/mean-mode.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Range } from '../../time/range.ts'
import { sortByBytes } from '../../util/bytes.ts'
import { usageError } from '../../util/errors.ts'
import { rowKind } from '../lake/row-kind.ts'
import type { Patch, Place, Receipt, RowQuery, Store, StoreOptions } from '../store.ts'
import { markActive } from './active.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { locatorOf, seriesOf } from './locators.ts'
import { readLocators } from './read.ts'
import { createSchema, findTables, tableOf } from './schema.ts'
import { openSession, type Session, type SessionOptions } from './session.ts'
import { type Lifetime, type LifetimeDays, lifetimeOf, type TtlMode } from './ttl.ts'
import type { CassandraUrl } from './url.ts'
import { writePatch } from './write.ts'

export interface CassandraOptions extends SessionOptions {
  /** Makes the keyspace and tables that are missing. */
  readonly createSchema?: boolean
  /** `blueflood` (the default) writes integer averages as Blueflood computes them, `exact` the mean as a double. */
  readonly mean?: MeanMode
  readonly ttl?: TtlMode
  readonly lifetimeDays?: LifetimeDays
  /** Whether series are made known to Blueflood's tools; by default they are. */
  readonly locators?: boolean
  /** Whether Blueflood's rollup service is to make the levels coarser than what is written. */
  readonly markActive?: boolean
  /** The shards of which all series are read where none are named. */
  readonly shards?: Shards
}

/** Blueflood's tables in a keyspace of Cassandra. */
export interface CassandraStore extends Store {
  readonly patch: NonNullable<Store['patch']>
  readonly normalise: NonNullable<Store['normalise']>
  /** How long rows live. */
  lifetime(granularity: Granularity): Lifetime
  /** Throws a usage error where the keyspace has no table for a granularity. */
  requireTable(granularity: Granularity): void
}

/** Opens Blueflood's tables, which other programs may write to at the same time. */
export async function openCassandra(url: CassandraUrl, options: CassandraOptions = {}): Promise<CassandraStore> {
  const session = await openSession(url, options)
  try {
    if (options.createSchema) await createSchema(session.run, url.keyspace)
    return createStore(session, await findTables(session.run, url.keyspace), options)
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

function createStore(session: Session, tables: ReadonlySet<string>, options: CassandraOptions): CassandraStore {
  const { mean = 'blueflood', ttl = 'full', lifetimeDays, locators = true, shards = allShards } = options
  const discovery = createDiscovery(session)
  const openedAt = session.clock.now()
  const lifetime = (granularity: Granularity) => lifetimeOf(granularity, ttl, { days: lifetimeDays, now: openedAt })
  const requireTable = (granularity: Granularity) => {
    if (!tables.has(tableOf(granularity)))
      throw usageError(`no table ${tableOf(granularity)} in keyspace ${session.keyspace}`, '--create-schema makes it')
  }
  const normalise = (batch: RowBatch, granularity: Granularity) => heldOf(batch, lifetime(granularity), mean)
  const patch = async ({ granularity, rows, gone }: Patch, { signal }: StoreOptions = {}): Promise<Receipt> => {
    requireTable(granularity)
    if (locators) await discovery.announce(rows.dictionary.map(locatorOf), signal)
    const receipt = await writePatch(session, { granularity, rows, gone, lifetime: lifetime(granularity) }, signal)
    if (options.markActive) await markActive(session, { granularity, rows }, signal)
    return receipt
  }
  const read = async function* (query: RowQuery, range: Range, { signal }: StoreOptions = {}) {
    requireTable(query.granularity)
    signal?.throwIfAborted()
    const isMeant = seriesMatcher(query)
    const groups = query.names ? [sortByBytes([...new Set(query.names)])] : seriesByShard(discovery, shards, signal)
    for await (const group of groups) {
      const names = group.filter(isMeant).filter((text) => text !== '')
      const plan = { granularity: query.granularity, range, locators: names.map(locatorOf) }
      yield* readLocators(session, plan, signal)
    }
  }
  const replace = async (
    { granularity, range, series }: Place,
    batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
    storeOptions?: StoreOptions,
  ): Promise<Receipt> => {
    const { merge, select } = rowKind(granularity)
    const parts: RowBatch[] = []
    for await (const batch of batches) parts.push(batch)
    const rows = normalise(merge(parts), granularity)
    const held: RowBatch[] = []
    const names = series === 'all' ? undefined : [...series]
    for await (const batch of read({ granularity, names }, range, storeOptions)) held.push(batch)
    const stored = merge(held)
    const matches = matchRows(stored, rows)
    const gone = select(stored, (_text, _time, row) => matches[row] < 0)
    return patch({ granularity, rows, gone }, storeOptions)
  }

  return {
    lifetime,
    requireTable,
    normalise,
    patch,
    read,
    replace,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** The rows of a batch that are worth writing, as they are written. */
function heldOf(batch: RowBatch, { oldest }: Lifetime, mean: MeanMode): RowBatch {
  const isWorth = (row: number) => batch.time[row] >= oldest && (isPoints(batch) || batch.count[row] > 0)
  if (isPoints(batch)) return selectPoints(batch, (_text, _time, row) => isWorth(row))
  return withMean(
    selectRows(batch, (_text, _time, row) => isWorth(row)),
    mean,
  )
}

async function* seriesByShard(discovery: Discovery, shards: Shards, signal?: AbortSignal): AsyncIterable<string[]> {
  for await (const locators of discovery.find(shards, signal)) yield sortByBytes(locators.map(seriesOf))
}

/** Rows whose mean is what is written: Blueflood's integer where there is one, or always the exact one. */
function withMean(rows: RollupBatch, mode: MeanMode): RollupBatch {
  const { integer, meanInt, mean } = rows
  if (!integer.some((bits) => bits & Integer.mean)) return rows
  if (mode === 'exact')
    return { ...rows, integer: integer.map((bits) => bits & ~Integer.mean), meanInt: new BigInt64Array(rows.length) }
  return { ...rows, mean: mean.map((value, i) => (integer[i] & Integer.mean ? Number(meanInt[i]) : value)) }
}
