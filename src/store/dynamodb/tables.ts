import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { type Connection, isMissingTable, type TableRequest } from './connection.ts'

/** Milliseconds between looks at a table that is being made. */
const patience = 1_000

/** Makes a table as Clusterman has it, with its index and its time to live, where it is missing. */
export async function createTable(connection: Connection, request: TableRequest): Promise<void> {
  const status = await tableStatus(connection, request)
  if (status === undefined)
    await connection.send(request, ({ client, CreateTableCommand }, abortSignal) =>
      client.send(new CreateTableCommand(definition(request.table)), { abortSignal }).catch(ignoreInUse),
    )
  while ((await tableStatus(connection, request)) !== 'ACTIVE') await connection.clock.sleep(patience, request.signal)
  await expire(connection, request)
}

async function tableStatus(connection: Connection, request: TableRequest): Promise<string | undefined> {
  try {
    const { Table } = await connection.send(request, ({ client, DescribeTableCommand }, abortSignal) =>
      client.send(new DescribeTableCommand({ TableName: request.table }), { abortSignal }),
    )
    return Table?.TableStatus
  } catch (error) {
    if (isMissingTable(error)) return undefined
    throw error
  }
}

/** Somebody else makes the same table. */
function ignoreInUse(error: unknown): void {
  if (!(error instanceof Error && error.name === 'ResourceInUseException')) throw error
}

async function expire(connection: Connection, request: TableRequest): Promise<void> {
  const TableName = request.table
  const { TimeToLiveDescription } = await connection.send(
    request,
    ({ client, DescribeTimeToLiveCommand }, abortSignal) =>
      client.send(new DescribeTimeToLiveCommand({ TableName }), { abortSignal }),
  )
  if (TimeToLiveDescription?.TimeToLiveStatus?.startsWith('ENABL')) return
  const TimeToLiveSpecification = { AttributeName: 'expiration_timestamp', Enabled: true }
  await connection.send(request, ({ client, UpdateTimeToLiveCommand }, abortSignal) =>
    client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }), { abortSignal }),
  )
}

const definition = (table: string): CreateTableCommandInput => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'key', AttributeType: 'S' },
    { AttributeName: 'timestamp', AttributeType: 'N' },
    { AttributeName: 'gsi_partition', AttributeType: 'N' },
    { AttributeName: 'app_timestamp', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'key', KeyType: 'HASH' },
    { AttributeName: 'timestamp', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'metrics_key_lookup',
      KeySchema: [
        { AttributeName: 'gsi_partition', KeyType: 'HASH' },
        { AttributeName: 'app_timestamp', KeyType: 'RANGE' },
      ],
      // The keys of the table, `key` among them, are part of every index.
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
})
