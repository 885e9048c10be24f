import { allShards, type Shards } from '../../archive/shards.ts'
import { seriesMatcher } from '../../metric/matching.ts'
import { matchRows, type RowBatch } from '../../metric/rows.ts'
import type { Granularity } from '../../time/granularity.ts'
import type { Range } from '../../time/range.ts'
import { arrayOf } from '../../util/array.ts'
import { sortByBytes } from '../../util/bytes.ts'
import { usageError } from '../../util/errors.ts'
import { rowKind } from '../lake/row-kind.ts'
import type { Patch, Place, Receipt, RowQuery, Store, StoreOptions } from '../store.ts'
import { markActive } from './active.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { type HoldingOptions, holding } from './holding.ts'
import { locatorOf, seriesOf } from './locators.ts'
import { readLocators } from './read.ts'
import { createSchema, findTables, tableOf } from './schema.ts'
import { openSession, type Session, type SessionOptions } from './session.ts'
import type { Lifetime } from './ttl.ts'
import type { CassandraUrl } from './url.ts'
import { writePatch } from './write.ts'

export interface CassandraOptions extends SessionOptions, HoldingOptions {
  /** Makes the keyspace and tables that are missing. */
  readonly createSchema?: boolean
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
  /** All series that are known, shard by shard. */
  series(signal?: AbortSignal): AsyncIterable<string[]>
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
  const { locators = true, shards = allShards } = options
  const discovery = createDiscovery(session)
  const { lifetime, normalise } = holding(options, session.clock.now())
  const requireTable = (granularity: Granularity) => {
    if (!tables.has(tableOf(granularity)))
      throw usageError(`no table ${tableOf(granularity)} in keyspace ${session.keyspace}`, '--create-schema makes it')
  }
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
    const rows = normalise(merge(await arrayOf(batches)), granularity)
    const names = series === 'all' ? undefined : [...series]
    const stored = merge(await arrayOf(read({ granularity, names }, range, storeOptions)))
    const matches = matchRows(stored, rows)
    const gone = select(stored, (_text, _time, row) => matches[row] < 0)
    return patch({ granularity, rows, gone }, storeOptions)
  }

  return {
    series: (signal) => seriesByShard(discovery, shards, signal),
    lifetime,
    requireTable,
    normalise,
    patch,
    read,
    replace,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

async function* seriesByShard(discovery: Discovery, shards: Shards, signal?: AbortSignal): AsyncIterable<string[]> {
  for await (const locators of discovery.find(shards, signal)) yield sortByBytes(locators.map(seriesOf))
}
