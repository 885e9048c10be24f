import { readFile } from 'node:fs/promises'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { countMetrics, type MetricsFormat, type WrittenMetrics } from '../metrics-file/write.ts'
import type { Seed } from '../random/seed.ts'
import type { Time } from '../time/range.ts'
import { errorCode, refusal, usageError } from '../util/errors.ts'
import { parseDesign } from './design.ts'
import { sameMetric } from './inputs.ts'
import { fileOutput, type Output } from './output.ts'
import { type MetricPlan, planMetric } from './plan.ts'
import { checkSize, generate } from './run.ts'

export interface GenerateDataOptions {
  /** The design file. */
  readonly input: string
  /** The metrics file, or lake, to write or to add to. */
  readonly output: string
  /** What `output` is: a metrics file by default. */
  readonly into?: 'file' | 'lake'
  readonly seed: Seed
  readonly compat: boolean
  readonly format: MetricsFormat
  readonly timezone: string
  readonly now: Time
  readonly maxPoints: number
  /** Where functions of existing data look first. */
  readonly dataFile?: string
  readonly signal?: AbortSignal
  /** Takes the lock of a dead process on another host over. */
  readonly takeOver?: boolean
  /** Makes everything, writes nothing. */
  readonly dryRun?: boolean
  /** Asked for each metric that the output holds already; without consent nothing is written. */
  confirm?(metric: Metric): Promise<boolean>
  onPoints?(count: number): void
}

/** Generates the metrics of an experimental design into a metrics file or a lake: all of them, or none. */
export async function generateData(options: GenerateDataOptions): Promise<WrittenMetrics> {
  const text = await readText(options.input)
  const plans = await planDesign(text, options)
  const { input: _, output, dataFile, dryRun, ...rest } = options
  const dataFiles = dataFile === undefined ? [output] : [dataFile, output]
  const metrics = plans.map(({ metric }) => metric)
  const batches = generate(plans, { ...rest, dataFiles })
  if (dryRun) return countOutput(options, text, { metrics, batches })
  await using place = await openOutput(options, text)
  await requireConsent(metrics, await place.existing(), options)
  return await place.write({ metrics, batches })
}

async function openOutput(options: GenerateDataOptions, text: string): Promise<Output> {
  const { output, into, format, signal } = options
  if (into !== 'lake') return fileOutput(output, { format, signal })
  // A lake brings Parquet and DuckDB along: only who writes to one pays for them.
  const { openLakeOutput } = await import('./lake-output.ts')
  return openLakeOutput(output, { ...options, text }, options)
}

/** What would be written. */
async function countOutput(options: GenerateDataOptions, text: string, made: Made): Promise<WrittenMetrics> {
  if (options.into !== 'lake') return countMetrics(made.batches, options)
  const { countLake } = await import('./lake-output.ts')
  return countLake({ ...options, text }, made)
}

interface Made {
  readonly metrics: readonly Metric[]
  readonly batches: AsyncIterable<MetricBatch>
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
  for (const metric of metrics.filter((made) => existing.some((held) => sameMetric(held, made)))) {
    if (await confirm?.(metric)) continue
    throw refusal(`${output} holds data for ${metric.name}: nothing was written`, 'agree to overwrite it with --yes')
  }
}
