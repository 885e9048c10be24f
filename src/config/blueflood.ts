import { usageError } from '../util/errors.ts'
import { parseProperties } from './properties.ts'

/** What a `blueflood.conf` of the Cloud Files backfiller sets; what it leaves out is undefined. */
export interface BluefloodConfig {
  /** `CLOUDFILES_USER`, `_KEY`, `_PROVIDER` and `_ZONE`, as the bucket drivers take them. */
  readonly credentials: Readonly<Record<string, string>>
  /** `CLOUDFILES_CONTAINER` as a location. */
  readonly from?: string
  /** `DOWNLOAD_DIR` */
  readonly directory?: string
  /** `BATCH_SIZE` */
  readonly batchSize?: number
  /** `REPLAY_PERIOD_START` and `REPLAY_PERIOD_STOP` */
  readonly start?: number
  readonly stop?: number
  /** `NUMBER_OF_BUFFERED_SLOTS` */
  readonly bufferedSlots?: number
}

/**
 * Reads a Blueflood configuration, a Java properties file.
 * @throws a usage error where a value cannot be understood
 */
export function parseBluefloodConfig(text: string): BluefloodConfig {
  const properties = parseProperties(text)
  const container = properties.get('CLOUDFILES_CONTAINER')
  return {
    credentials: Object.fromEntries(
      ['CLOUDFILES_USER', 'CLOUDFILES_KEY', 'CLOUDFILES_PROVIDER', 'CLOUDFILES_ZONE'].flatMap((key) => {
        const value = properties.get(key)
        return value === undefined ? [] : [[key, value]]
      }),
    ),
    from: container && `swift:///${encodeURIComponent(container)}`,
    directory: properties.get('DOWNLOAD_DIR'),
    batchSize: integer(properties, 'BATCH_SIZE', 1),
    start: integer(properties, 'REPLAY_PERIOD_START', 0),
    stop: integer(properties, 'REPLAY_PERIOD_STOP', 0),
    bufferedSlots: integer(properties, 'NUMBER_OF_BUFFERED_SLOTS', 0),
  }
}

function integer(properties: ReadonlyMap<string, string>, key: string, least: number): number | undefined {
  const text = properties.get(key)
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least) return value
  throw usageError(`invalid ${key}: expected a whole number from ${least}, got ${JSON.stringify(text)}`)
}
