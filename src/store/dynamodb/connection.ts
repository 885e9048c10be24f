import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type AwsPlace, awsConfig, awsError } from '../../bucket/aws.ts'
import { type Caller, caller } from '../../bucket/caller.ts'
import { type Clock, systemClock } from '../../util/clock.ts'
import { errorMessage, UserError, usageError } from '../../util/errors.ts'

export type Item = Record<string, AttributeValue>

export interface ConnectionOptions extends AwsPlace {
  readonly caller?: Caller
  readonly clock?: Clock
  /** Items written or deleted a second at most. */
  readonly maxWritesPerSecond?: number
}

type Sdk = typeof import('@aws-sdk/client-dynamodb') & { readonly client: DynamoDBClient }

/** A request to be made, again where it has to be. */
export interface TableRequest {
  readonly table: string
  readonly signal?: AbortSignal
}

/** DynamoDB's API, politely. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/ */
export interface Connection extends Pick<Caller, 'rest'> {
  readonly clock: Clock
  /** @throws a usage error where the table is missing, {@link isMissingTable} */
  send<T>(to: TableRequest, request: (sdk: Sdk, signal: AbortSignal) => Promise<T>): Promise<T>
  /** Waits until so many items may be written. */
  turn(items: number, signal?: AbortSignal): Promise<void>
  close(): void
}

/** Opens a connection; the SDK is loaded for the first request. */
export function connect(options: ConnectionOptions): Connection {
  const { clock = systemClock, caller: polite = caller({ clock }), maxWritesPerSecond } = options
  let loaded: Promise<Sdk> | undefined
  const sdk = () => {
    loaded ??= loadSdk(options, polite.took)
    return loaded
  }
  let next = 0
  return {
    clock,
    rest: polite.rest,
    async turn(items, signal) {
      if (maxWritesPerSecond === undefined) return
      const now = clock.now()
      const at = Math.max(next, now)
      next = at + (items * 1_000) / maxWritesPerSecond
      if (at > now) await clock.sleep(at - now, signal)
    },
    async send({ table, signal }, request) {
      const ready = await sdk()
      const attempt = (inner: AbortSignal) =>
        request(ready, inner).catch((error) => {
          throw tableError(error, table, clock.now())
        })
      return polite.call(attempt, signal)
    },
    close() {
      // Whoever asked has been told why it could not be loaded.
      loaded?.then(({ client }) => client.destroy()).catch(() => undefined)
    },
  }
}

async function loadSdk(options: ConnectionOptions, took: Caller['took']): Promise<Sdk> {
  const sdk = await import('@aws-sdk/client-dynamodb')
  return { ...sdk, client: new sdk.DynamoDBClient(awsConfig(options, took)) }
}

function tableError(error: unknown, table: string, now: number): unknown {
  const code = error instanceof Error ? error.name : ''
  if (code === 'ResourceNotFoundException')
    return usageError(`table not found: ${table}`, 'check region and prefix, or have it made with --create-tables')
  if (code === 'ValidationException')
    return new UserError(`DynamoDB refuses a request to ${table}: ${errorMessage(error)}`, { cause: error })
  return awsError(error, { service: `DynamoDB table ${table}`, now })
}

export const isMissingTable = (error: unknown): boolean =>
  error instanceof UserError && error.message.startsWith('table not found')
