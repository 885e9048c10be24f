import type { Caller } from '../../bucket/caller.ts'
import type { MetricsFormat } from '../../metrics-file/write.ts'
import { metricsFileStore } from '../../store/metrics-file.ts'
import { namesMetricsFile, stateBeside } from '../../store/open.ts'
import { hour } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'
import { schemeOf } from '../../util/location.ts'
import { outputPath } from '../../util/output-path.ts'
import type { Destination } from './options.ts'

export interface DestinationOptions {
  readonly format: MetricsFormat
  /** Where the job's state lies, if not in its usual place. */
  readonly stateDir?: string
  readonly createTables?: boolean
  /** How long points live in DynamoDB, where the location does not say so. */
  readonly ttl?: string
  readonly ttlDays?: string
  readonly maxWritesPerSecond?: number
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly caller?: Caller
}

/** Opens what `--to` names: a metrics file `*.json.gz`, a database such as `dynamodb://…`, else a lake. */
export async function openDestination(to: string, options: DestinationOptions): Promise<Destination> {
  const { format, stateDir } = options
  const scheme = schemeOf(to)
  if (namesMetricsFile(to)) {
    const path = await outputPath(to)
    return { kind: 'file', path, store: metricsFileStore(path, { format }), state: stateDir ?? stateBeside(path) }
  }
  if (format !== 'plain') throw usageError(`--format ${format} is for metrics files, and --to is ${to}`)
  if (scheme !== undefined) return openDatabase(scheme, to, options)
  if (stateDir !== undefined) throw usageError('--state-dir is for stores that cannot keep the state, and a lake can')
  return { kind: 'lake', path: to }
}

async function openDatabase(
  scheme: string,
  to: string,
  { stateDir = '.retrofill', createTables, env, caller, ttl, ttlDays, maxWritesPerSecond }: DestinationOptions,
): Promise<Destination> {
  if (scheme !== 'dynamodb')
    throw usageError(
      `unknown store: ${scheme}`,
      'give a folder, a metrics file *.json.gz, cassandra://… or dynamodb://…',
    )
  const { openDynamoDB } = await import('../../store/dynamodb/location.ts')
  const store = openDynamoDB(to, env, { caller, ttl, ttlDays, maxWritesPerSecond })
  const prepare = createTables ? (_range: unknown, signal: AbortSignal) => store.createTables(signal) : undefined
  const settings = [to, ttl && `ttl=${ttl}`, ttlDays && `days=${ttlDays}`].filter(Boolean).join(' ')
  return { kind: 'store', name: to, store, settings, state: stateDir, billed: dynamoBill, prepare }
}

/** Bytes of an item, and those that a unit reads. */
const [itemSize, readSize] = [150, 4_096]

/**
 * Items are far smaller than the kilobyte that a unit writes, and those of several keys are one; items of app metrics stand in an index too.
 * Each hour of a series is read before it is written, and after.
 */
const dynamoBill: NonNullable<(Destination & { kind: 'store' })['billed']> = ({ points, series, span, metricType }) => {
  const queries = Math.min(points, (series ?? points) * Math.ceil(span / hour))
  const units = queries === 0 ? 0 : queries * Math.ceil(((points / queries) * itemSize) / readSize)
  const isIndexed = metricType === undefined || metricType === 'app_metrics'
  return { 'dynamodb:write-units': points * (isIndexed ? 2 : 1), 'dynamodb:read-units': 2 * units }
}
