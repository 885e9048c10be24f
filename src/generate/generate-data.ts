import { readFile } from 'node:fs/promises'
import type { Metric } from '../metrics-file/batch.ts'
import { countMetrics, type MetricsFormat, type WrittenMetrics } from '../metrics-file/write.ts'
import type { Seed } from '../random/seed.ts'
import type { Time } from '../time/range.ts'
import { errorCode, refusal, usageError } from '../util/errors.ts'
import { parseDesign } from './design.ts'
import { sameMetric } from './inputs.ts'
import { existingMetrics, writeOutput } from './output.ts'
import { type MetricPlan, planMetric } from './plan.ts'
import { checkSize, generate } from './run.ts'

export interface GenerateDataOptions {
  /** The design file. */
  readonly input: string
  /** The metrics file to write or to add to. */
  readonly output: string
  readonly seed: Seed
  readonly compat: boolean
  readonly format: MetricsFormat
  readonly timezone: string
  readonly now: Time
  readonly maxPoints: number
  /** Where functions of existing data look first. */
  readonly dataFile?: string
  readonly signal?: AbortSignal
  /** Makes everything, writes nothing. */
  readonly dryRun?: boolean
  /** Asked for each metric that the output holds already; without consent nothing is written. */
  confirm?(metric: Metric): Promise<boolean>
  onPoints?(count: number): void
}

/** Generates the metrics of an experimental design into a metrics file: all of them, or none. */
export async function generateData(options: GenerateDataOptions): Promise<WrittenMetrics> {
  const plans = await planDesign(options)
  const { input: _, output, dataFile, format, dryRun, ...rest } = options
  const dataFiles = dataFile === undefined ? [output] : [dataFile, output]
  const metrics = plans.map(({ metric }) => metric)
  const batches = generate(plans, { ...rest, dataFiles })
  if (dryRun) return countMetrics(batches, { format })
  await requireConsent(metrics, options)
  return writeOutput(output, { metrics, batches }, { format, signal: options.signal })
}

async function planDesign(options: GenerateDataOptions): Promise<MetricPlan[]> {
  const designed = parseDesign(await readText(options.input), options.input)
  const plans: MetricPlan[] = []
  for (const metric of designed) plans.push(await planMetric(metric, options))
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
  { output, confirm, signal }: GenerateDataOptions,
): Promise<void> {
  const existing = await existingMetrics(output, signal)
  for (const metric of metrics.filter((made) => existing.some((held) => sameMetric(held, made)))) {
    if (await confirm?.(metric)) continue
    throw refusal(`${output} holds data for ${metric.name}: nothing was written`, 'agree to overwrite it with --yes')
  }
}
