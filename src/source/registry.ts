import { resolve } from 'node:path'
import type { Pace } from '../bucket/caller.ts'
import { stateFolder } from '../store/lake/layout.ts'
import { isFile, namesMetricsFile } from '../store/open.ts'
import type { Limit } from '../util/concurrency.ts'
import { usageError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { schemeOf } from '../util/location.ts'
import { didYouMean } from '../util/suggest.ts'
import { counted } from './counted.ts'
import type { SourceContext, SourceDefinition } from './definition.ts'
import { type GivenOption, parseOptions } from './options.ts'
import type { Source } from './source.ts'

/** Every kind of source, by the name that `--from` and `retrofill sources` know it by; each loads on first use. */
const kinds: Readonly<Record<string, () => Promise<SourceDefinition>>> = {
  signalfx: async () => (await import('./signalfx/source.ts')).signalfx,
  'metrics-file': async () => (await import('./metrics-file.ts')).metricsFile,
  lake: async () => (await import('./lake.ts')).lake,
  ndjson: async () => (await import('./ndjson.ts')).ndjson,
  cassandra: async () => (await import('./cassandra.ts')).cassandra,
  dynamodb: async () => (await import('./dynamodb.ts')).dynamodb,
  elasticsearch: async () => (await import('./elasticsearch/elasticsearch.ts')).elasticsearch,
  cloudwatch: async () => (await import('./cloudwatch/cloudwatch.ts')).cloudwatch,
  'spot-prices': async () => (await import('./spot-prices/spot-prices.ts')).spotPrices,
}

export const sourceNames: readonly string[] = Object.keys(kinds)

export async function sourceDefinition(name: string): Promise<SourceDefinition> {
  const load = kinds[name]
  if (!load)
    throw usageError(`unknown source: ${name}${didYouMean(name, sourceNames)}`, 'retrofill sources lists all of them')
  return load()
}

/** A source that is ready to be read, and what a job needs to know of it. */
export interface OpenedSource {
  readonly name: string
  readonly source: Source
  /** How many reads it bears at once. */
  readonly concurrency: Limit
  readonly pace?: Pace
  readonly bytesPerPoint?: number
  readonly needsMetric: boolean
  /** Names of options that must not be shown. */
  readonly secrets: readonly string[]
  /** Everything that changes what it gives, in plain JSON, without secrets. */
  readonly description: Readonly<Record<string, unknown>>
}

/**
 * Opens what `--from` names: a kind of source such as `signalfx`, a URL whose scheme is one, `-` (points as NDJSON on standard input),
 * the path of a metrics file or lake, or `aws` with `-o service=…`.
 */
export async function openSource(
  location: string,
  given: readonly GivenOption[],
  context: Omit<SourceContext, 'location'>,
): Promise<OpenedSource> {
  const { kind, own } = withService(location, given)
  const name = await kindOf(kind)
  const definition = await sourceDefinition(name)
  const options = parseOptions(name, definition, own)
  const caller = definition.pace ? context.caller.within(definition.pace) : context.caller
  const left = new Set<string>([...definition.secrets, ...(definition.incidental ?? [])])
  const kept = Object.entries(options).filter(([option, value]) => !left.has(option) && value !== undefined)
  return {
    name,
    source: counted(await definition.open(options, { ...context, caller, location }), caller),
    concurrency: caller.concurrency,
    pace: definition.pace,
    bytesPerPoint: definition.bytesPerPoint,
    needsMetric: definition.needsMetric,
    secrets: definition.secrets,
    description: { kind: name, ...placeOf(name, location), ...Object.fromEntries(kept) },
  }
}

const awsServices = ['cloudwatch', 'spot-prices']

/** Clusterman's page knows one source `aws`, whose option `service` tells which of them is meant. */
function withService(location: string, given: readonly GivenOption[]): { kind: string; own: readonly GivenOption[] } {
  if (location !== 'aws') return { kind: location, own: given }
  const service = given.find(([name]) => name === 'service')?.[1]
  if (service === undefined || !awsServices.includes(service))
    throw usageError(`unknown service of aws: ${service ?? 'none given'}`, `give -o service=${awsServices.join('|')}`)
  return { kind: service, own: given.filter(([name]) => name !== 'service') }
}

/** Whether a location is the name of a kind of source, or standard input. */
export const namesSource = (location: string): boolean =>
  location === '-' || location === 'aws' || kinds[location] !== undefined

/** Whether a location is that of a store that is there: a metrics file, a lake, or the URL of a database. */
export async function namesStore(location: string): Promise<boolean> {
  const scheme = schemeOf(location)
  if (scheme !== undefined) return kinds[scheme] !== undefined
  return (await isMetricsFile(location)) || isLake(location)
}

const isMetricsFile = async (path: string): Promise<boolean> => namesMetricsFile(path) || isFile(path)
const isLake = async (path: string): Promise<boolean> => (await nodeFiles.list(path)).includes(stateFolder)

async function kindOf(location: string): Promise<string> {
  const scheme = schemeOf(location)
  if (scheme !== undefined) return scheme
  if (location === '-') return 'ndjson'
  if (await isMetricsFile(location)) return 'metrics-file'
  if (await isLake(location)) return 'lake'
  if (kinds[location]) return location
  return /[/\\.]/.test(location) ? 'lake' : location
}

/** Where a source is, if it is somewhere: a kind that is named alone has its place in its options. */
function placeOf(name: string, location: string): { readonly location?: string } {
  if (name === 'lake' || name === 'metrics-file') return { location: resolve(location) }
  return schemeOf(location) === undefined ? {} : { location }
}
