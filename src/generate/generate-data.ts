import { readFile } from 'node:fs/promises'
import type { Metric } from '../metrics-file/batch.ts'
import { isOneOf } from '../metrics-file/identity.ts'
import { seriesText } from '../metrics-file/series.ts'
import type { MetricsFormat } from '../metrics-file/write.ts'
import type { Seed } from '../random/seed.ts'
import type { Source } from '../source/source.ts'
import type { Time } from '../time/range.ts'
import { errorCode, refusal, usageError } from '../util/errors.ts'
import type { Database, DatabaseOutputOptions } from './database-output.ts'
import { parseDesign } from './design.ts'
import { countFile, type Made, type Output, openFileOutput, type Written } from './output.ts'
import { type MetricPlan, planMetric } from './plan.ts'
import { checkSize, generate } from './run.ts'

export interface GenerateDataOptions {
  /** The design file. */
  readonly input: string
  /** The metrics file, lake or URL of a database to write or to add to. */
  readonly output: string
  /** What `output` is: a metrics file by default. */
  readonly into?: 'file' | 'lake' | Database
  readonly seed: Seed
  readonly compat: boolean
  readonly format: MetricsFormat
  readonly timezone: string
  readonly now: Time
  readonly maxPoints: number
  /** Where functions of existing data look before they look into the output. */
  readonly dataFile?: string
  /** Lets a database round what it cannot hold exactly, and a format leave out what it cannot hold. */
  readonly allowLossy?: boolean
  /** Opens a database that functions of existing data name by its URL. */
  openDatabase?(url: string): Promise<Source>
  readonly signal?: AbortSignal
  /** Takes the lock of a dead process on another host over. */
  readonly takeOver?: boolean
  /** Makes everything, writes nothing. */
  readonly dryRun?: boolean
  /** Asked for each metric that the output holds already; without consent nothing is written. */
  confirm?(metric: Metric): Promise<boolean>
  onPoints?(count: number): void
  /** Told of what a database has taken; see {@link DatabaseOutputOptions}. */
  onPush?: DatabaseOutputOptions['onPush']
}

/** Generates the metrics of an experimental design into a metrics file, a lake or a database: nothing is written before all are made. */
export async function generateData(options: GenerateDataOptions): Promise<Written> {
  const text = await readText(options.input)
  const plans = await planDesign(text, options)
  const made: Made = {
    metrics: plans.map(({ metric }) => metric),
    series: plans.flatMap(({ metric, keys = [] }) => [undefined, ...keys].map((key) => seriesText(metric, key))),
    batches: generate(plans, options),
  }
  if (options.dryRun) return countOutput(options, text, made)
  await using place = await openOutput(options, text)
  return await place.write(made, (held) => requireConsent(made.metrics, held, options))
}

async function openOutput(options: GenerateDataOptions, text: string): Promise<Output> {
  const { output, into = 'file' } = options
  if (into === 'file') return openFileOutput(output, options)
  if (into !== 'lake') {
    const { databaseOutput } = await import('./database-output.ts')
    return databaseOutput(into, options)
  }
  // A lake brings Parquet and DuckDB along: only who writes to one pays for them.
  const { openLakeOutput } = await import('./lake-output.ts')
  return openLakeOutput(output, { ...options, text }, options)
}

/** What would be written. */
async function countOutput(options: GenerateDataOptions, text: string, made: Made): Promise<Written> {
  const { into = 'file' } = options
  if (into === 'file') return countFile(made, options)
  if (into !== 'lake') return countPoints(made)
  const { countLake } = await import('./lake-output.ts')
  return countLake({ ...options, text }, made)
}

async function countPoints({ metrics, batches }: Made): Promise<Written> {
  let points = 0
  for await (const { length } of batches) points += length
  return { metrics: metrics.length, points }
}

async function planDesign(text: string, options: GenerateDataOptions): Promise<MetricPlan[]> {
  const plans: MetricPlan[] = []
  for (const metric of parseDesign(text, options.input)) plans.push(await planMetric(metric, options))
  checkSize(plans, options.maxPoints)
  return plans
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw usageError(`design file not found: ${path}`)
    if (errorCode(error) === 'EISDIR') throw usageError(`not a design file but a directory: ${path}`)
    throw error
  }
}

async function requireConsent(
  metrics: readonly Metric[],
  existing: readonly Metric[],
  { output, confirm }: GenerateDataOptions,
): Promise<void> {
  for (const metric of metrics.filter(isOneOf(existing))) {
    if (await confirm?.(metric)) continue
    throw refusal(`${output} holds data for ${metric.name}: nothing was written`, 'agree to overwrite it with --yes')
  }
}
