import { awsKeys } from '../../bucket/credentials.ts'
import { usageError } from '../../util/errors.ts'
import { decoded, parameters, parseLocation } from '../../util/location.ts'
import { type DynamoStore, type DynamoStoreOptions, dynamoStore } from './dynamodb.ts'
import type { Expiry } from './items.ts'

const known = ['endpoint', 'app', 'ttl', 'ttl-days'] as const
const modes = ['full', 'remaining', 'none'] as const

export interface LocationOptions extends Pick<DynamoStoreOptions, 'caller' | 'clock' | 'maxWritesPerSecond'> {
  /** As in the location, where that does not say so. */
  readonly ttl?: string
  readonly ttlDays?: string
}

/**
 * Opens `dynamodb://[region]/[prefix]?endpoint=…&app=…&ttl=full|remaining|none&ttl-days=N`: the tables whose names begin with the
 * prefix, by default `clusterman_`. Nothing is asked for before the first row.
 * @param env where the SDK's variables are; keys that are not there are looked for in profiles and roles
 */
export function openDynamoDB(
  location: string,
  env: Readonly<Record<string, string | undefined>> = {},
  { ttl, ttlDays, ...effects }: LocationOptions = {},
): DynamoStore {
  const url = parseLocation(location)
  const given = parameters(url, known)
  if ((ttl ?? ttlDays) !== undefined && (given.ttl ?? given['ttl-days']) !== undefined)
    throw usageError('the time to live is given twice: by flags, and in the location')
  if (given.endpoint !== undefined) parseLocation(given.endpoint)
  const prefix = decoded(url.pathname.slice(1))
  return dynamoStore({
    ...effects,
    credentials: awsKeys(env),
    endpoint: given.endpoint ?? (env.AWS_ENDPOINT_URL_DYNAMODB || env.AWS_ENDPOINT_URL || undefined),
    region: url.hostname || env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined,
    app: given.app,
    expiry: expiry(ttl ?? given.ttl, ttlDays ?? given['ttl-days']),
    ...(prefix !== '' && { prefix }),
  })
}

function expiry(ttl: string | undefined, days: string | undefined): Expiry {
  const mode = modes.find((one) => one === (ttl ?? (days === undefined ? 'none' : 'full')))
  if (!mode) throw usageError(`invalid ttl: expected ${modes.join(', ')}, got ${ttl}`)
  if (mode === 'none') return { mode, days: 0 }
  if (days === undefined)
    throw usageError(`ttl=${mode} needs a number of days`, 'give --ttl-days N, or ttl-days=N in the location')
  if (!(Number(days) > 0)) throw usageError(`invalid ttl-days: expected a number above 0, got ${days}`)
  return { mode, days: Number(days) }
}
