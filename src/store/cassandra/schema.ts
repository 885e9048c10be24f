import { chain, full, type Granularity } from '../../time/granularity.ts'
import { usageError } from '../../util/errors.ts'

/** The table of each granularity that Blueflood knows. */
const tables = new Map([full, ...chain].map((granularity) => [granularity.name, `metrics_${granularity.name}`]))

/** The table of a granularity. Throws a usage error where Blueflood has none. */
export function tableOf(granularity: Granularity): string {
  const table = tables.get(granularity.name)
  if (table === undefined)
    throw usageError(`Blueflood has no table of ${granularity.name}: it has ${[...tables.keys()].join(', ')}`)
  return table
}

const numbered = (value: string) => `key text, column1 bigint, value ${value}`
const preaggregated = [...tables.keys()].map((level) => `metrics_preaggregated_${level}`)

/** The columns of every table of Blueflood, all with the key (key, column1). */
const columns: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...tables.values(), ...preaggregated].map((table) => [table, numbered('blob')])),
  metrics_locator: 'key bigint, column1 text, value text',
  metrics_delayed_locator: 'key text, column1 text, value text',
  metrics_state: 'key bigint, column1 text, value bigint',
  metrics_metadata: 'key text, column1 text, value blob',
  metrics_discovery: 'key text, column1 text, value text',
  metrics_string: numbered('text'),
}

/** Runs a statement of CQL and gives the rows of its answer. */
export type RunCql = (cql: string, values?: unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Makes the keyspace, for a cluster of one replica, and whichever tables are missing. */
export async function createSchema(run: RunCql, keyspace: string): Promise<void> {
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  await run(`CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = ${replication}`)
  const present = await findTables(run, keyspace)
  for (const [table, definition] of Object.entries(columns)) {
    if (present.has(table)) continue
    await run(`CREATE TABLE IF NOT EXISTS "${keyspace}".${table} (${definition}, PRIMARY KEY (key, column1))`)
  }
}

/** The tables of a keyspace. Throws a usage error where there is no such keyspace. */
export async function findTables(run: RunCql, keyspace: string): Promise<ReadonlySet<string>> {
  const found = await run('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [keyspace])
  if (found.length > 0) return new Set(found.map((row) => String(row.table_name)))
  const [known] = await run('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [keyspace])
  if (known) return new Set()
  throw usageError(`no keyspace "${keyspace}" (case matters)`, '--create-schema makes it, with one replica')
}
