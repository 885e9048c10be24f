import type { WriteRequest } from '@aws-sdk/client-dynamodb'
import { Transient } from '../../bucket/bucket.ts'
import { forEach } from '../../util/concurrency.ts'
import type { Connection } from './connection.ts'

export interface TableWrite {
  readonly table: string
  readonly request: WriteRequest
}

/** Items that one BatchWriteItem may hold, a limit of DynamoDB. */
const batchSize = 25
const batchesAtOnce = 4

/** Writes items, none of which may stand twice; durable on return. */
export function writeItems(connection: Connection, writes: readonly TableWrite[], signal?: AbortSignal): Promise<void> {
  const batches = Array.from({ length: Math.ceil(writes.length / batchSize) }, (_, i) =>
    writes.slice(i * batchSize, (i + 1) * batchSize),
  )
  return forEach(batches, { limit: batchesAtOnce, signal }, (batch, inner) => writeBatch(connection, batch, inner))
}

/** Writes one batch, again and again until nothing of it is left unprocessed. */
async function writeBatch(connection: Connection, batch: readonly TableWrite[], signal: AbortSignal): Promise<void> {
  let left = await tryBatch(connection, batch, signal)
  for (let failures = 1; left.length > 0; ) {
    const problem = new Transient('throttled', `DynamoDB leaves ${left.length} items of a batch unprocessed`)
    await connection.rest(problem, failures, signal)
    const rest = await tryBatch(connection, left, signal)
    failures = rest.length < left.length ? 1 : failures + 1
    left = rest
  }
}

/** What is left unprocessed. */
async function tryBatch(
  connection: Connection,
  batch: readonly TableWrite[],
  signal: AbortSignal,
): Promise<TableWrite[]> {
  const RequestItems: Record<string, WriteRequest[]> = {}
  for (const { table, request } of batch) RequestItems[table] = [...(RequestItems[table] ?? []), request]
  const table = Object.keys(RequestItems).join(', ')
  await connection.turn(batch.length, signal)
  const answer = await connection.send({ table, signal }, ({ client, BatchWriteItemCommand }, abortSignal) =>
    client.send(new BatchWriteItemCommand({ RequestItems }), { abortSignal }),
  )
  return Object.entries(answer.UnprocessedItems ?? {}).flatMap(([table, requests]) =>
    (requests ?? []).map((request) => ({ table, request })),
  )
}
