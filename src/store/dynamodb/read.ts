import { UserError } from '../../util/errors.ts'
import { type Connection, type Item, isMissingTable, type TableRequest } from './connection.ts'

export interface ItemsRequest extends TableRequest {
  readonly key: string
  /** Timestamps in seconds, both included. */
  readonly first: number
  readonly last: number
}

/** The items of a partition key in order of time, page by page: DynamoDB answers at most 1 MB at once. */
export async function* readItems(connection: Connection, request: ItemsRequest): AsyncGenerator<Item[]> {
  const { table, key, first, last } = request
  // Between two points of time within a second there is none, and DynamoDB refuses to look.
  if (last < first) return
  const input = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: '#k = :k AND #t BETWEEN :first AND :last',
    ExpressionAttributeNames: { '#k': 'key', '#t': 'timestamp' },
    ExpressionAttributeValues: { ':k': { S: key }, ':first': { N: `${first}` }, ':last': { N: `${last}` } },
  }
  let start: Item | undefined
  do {
    const page = await connection.send(request, ({ client, QueryCommand }, abortSignal) =>
      client.send(new QueryCommand({ ...input, ExclusiveStartKey: start }), { abortSignal }),
    )
    if (page.Items?.length) yield page.Items
    start = requireProgress(request, start, page.LastEvaluatedKey)
  } while (start)
}

/** Every partition key of a table; none where there is no such table. One small request each: it jumps over the items between. */
export async function* readKeys(connection: Connection, request: TableRequest): AsyncGenerator<string> {
  try {
    for (let key = await nextKey(connection, request); key !== undefined; ) {
      yield key
      key = await nextKey(connection, request, key)
    }
  } catch (error) {
    if (!isMissingTable(error)) throw error
  }
}

/** Beyond every timestamp. */
const latest = '9.9999999999999999999999999999999999999E+125'

/** The partition key that a scan meets after all items of another one: items of a key lie together. */
async function nextKey(connection: Connection, request: TableRequest, key?: string): Promise<string | undefined> {
  let start: Item | undefined = key === undefined ? undefined : { key: { S: key }, timestamp: { N: latest } }
  for (;;) {
    const input = {
      TableName: request.table,
      ConsistentRead: true,
      Limit: 1,
      ProjectionExpression: '#k',
      ExpressionAttributeNames: { '#k': 'key' },
      ExclusiveStartKey: start,
    }
    const { Items, LastEvaluatedKey } = await connection.send(request, ({ client, ScanCommand }, abortSignal) =>
      client.send(new ScanCommand(input), { abortSignal }),
    )
    if (Items?.length) return Items[0].key?.S
    start = requireProgress(request, start, LastEvaluatedKey)
    if (!start) return undefined
  }
}

/** The key to go on from; a page that stays where it was would make reading endless. */
function requireProgress({ table }: TableRequest, before: Item | undefined, next: Item | undefined): Item | undefined {
  if (next && before && JSON.stringify(next) === JSON.stringify(before))
    throw new UserError(`DynamoDB gives the same page of ${table} again and again`)
  return next
}
