import { isPoints, type RowBatch } from '../../metric/rows.ts'
import { forEach } from '../../util/concurrency.ts'
import type { Patch, Receipt } from '../store.ts'
import { mostAtOnce } from './flow.ts'
import { locatorOf } from './locators.ts'
import { rollupEncoder } from './rollup-codec.ts'
import { tableOf } from './schema.ts'
import type { Session, Statement } from './session.ts'
import type { Lifetime } from './ttl.ts'
import { valueEncoder } from './value-codec.ts'

/** Changes of rows of one locator that go together: enough to save requests, few enough to stay below Cassandra's warning at 5 KiB. */
const rowsOfBatch = 24

interface PartitionChange {
  readonly locator: string
  readonly changes: Statement[]
}

/** Puts rows and takes others out. Resolves once every change is acknowledged; after the first that fails nothing more is begun. */
export async function writePatch(
  session: Session,
  { granularity, rows, gone, lifetime }: Patch & { lifetime: Lifetime },
  signal?: AbortSignal,
): Promise<Receipt> {
  const table = tableOf(granularity)
  const into = `${session.keyspace}.${table}`
  const encode = isPoints(rows) ? valueEncoder(rows) : rollupEncoder(rows)
  const now = session.clock.now()
  let bytes = 0
  const insertion = (locator: string, row: number): Statement => {
    const value = encode(row)
    const time = rows.time[row]
    bytes += value.length
    return {
      cql: `INSERT INTO ${into} (key, column1, value) VALUES (?, ?, ?) USING TTL ?`,
      values: [locator, time, value, lifetime.secondsOf(time, now)],
    }
  }
  const deletion = (locator: string, row: number): Statement => ({
    cql: `DELETE FROM ${into} WHERE key = ? AND column1 = ?`,
    values: [locator, gone.time[row]],
  })
  const write = ({ locator, changes }: PartitionChange, aborted: AbortSignal) =>
    session.write({ table, key: locator }, changes, aborted)
  const options = { limit: mostAtOnce, signal }
  await forEach(partitions(rows, insertion), options, write)
  await forEach(partitions(gone, deletion), options, write)
  return { rows: rows.length, bytes }
}

/** The changes of rows, which come series by series, in pieces of one series each. */
function* partitions(batch: RowBatch, change: (locator: string, row: number) => Statement): Iterable<PartitionChange> {
  const { length, dictionary, series } = batch
  const locators = dictionary.map(locatorOf)
  for (let row = 0; row < length; ) {
    const id = series[row]
    const changes: Statement[] = []
    while (row < length && series[row] === id && changes.length < rowsOfBatch) changes.push(change(locators[id], row++))
    yield { locator: locators[id], changes }
  }
}
