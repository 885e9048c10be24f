import { existsSync } from 'node:fs'
import type { Metric, MetricBatch } from '../metrics-file/batch.ts'
import { type PythonRandom, pythonRandom } from '../random/python-random.ts'
import type { Seed } from '../random/seed.ts'
import type { Source } from '../source/source.ts'
import { type UserError, usageError } from '../util/errors.ts'
import { isRemote } from '../util/location.ts'
import { disturb } from './disturb.ts'
import { generateFunction } from './function.ts'
import { type Input, sameMetric } from './inputs.ts'
import { arrivalsOf, generateRandom } from './metric.ts'
import { type FunctionPlan, type InputReference, isFunction, isMeant, type MetricPlan } from './plan.ts'
import { metricRandom } from './seed.ts'
import { openStored, type StoredMetrics } from './stored.ts'

export interface GenerateOptions {
  readonly seed: Seed
  /** Clusterman's way: one random stream in the order of the design, whole seconds, `+ 1 s` on random gaps. */
  readonly compat: boolean
  readonly maxPoints: number
  /** Metrics files, lakes and databases that functions read where the design does not say `from`; the first that holds the metric is taken. */
  readonly dataFiles: readonly string[]
  readonly signal?: AbortSignal
  openDatabase?(url: string): Promise<Source>
  /** Told of points as they are made. */
  onPoints?(count: number): void
}

/** Makes the metrics of a design, one after the other, in its order. */
export async function* generate(plans: readonly MetricPlan[], options: GenerateOptions): AsyncGenerator<MetricBatch> {
  const global = options.compat ? pythonRandom(options.seed) : undefined
  let points = 0
  for (const [i, plan] of plans.entries()) {
    for await (const batch of generateMetric(plan, { options, global, earlier: plans.slice(0, i) })) {
      options.signal?.throwIfAborted()
      points += batch.length
      if (points > options.maxPoints) throw tooMany(options.maxPoints)
      options.onPoints?.(batch.length)
      yield batch
    }
  }
}

const tooMany = (limit: number) =>
  usageError(`the design makes more than ${limit} points`, 'use longer steps or a shorter range, or raise --max-points')

/** Points that the design makes at least: those of its regular metrics. Refuses a design that is too large before any work. */
export function checkSize(plans: readonly MetricPlan[], maxPoints: number): void {
  const sizes = plans.map(({ frequency, range }) =>
    typeof frequency === 'number' ? Math.ceil(Math.max(0, range.end - range.start) / frequency) : 0,
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > maxPoints) throw tooMany(maxPoints)
}

interface Making {
  readonly options: GenerateOptions
  /** The one stream of compat mode. */
  readonly global: PythonRandom | undefined
  /** What functions may read of the same design. */
  readonly earlier: readonly MetricPlan[]
}

async function* generateMetric(plan: MetricPlan, making: Making): AsyncIterable<MetricBatch> {
  const { options, global } = making
  const random = global ?? metricRandom(options.seed, plan.metric)
  const made = takesInputs(plan) ? fromInputs(plan, random, making) : generateRandom(plan, random, options.compat)
  if (!plan.disturbance) {
    yield* made
    return
  }
  const { disturbance, range } = plan
  yield* disturb(asynchronous(made), {
    disturbance,
    range,
    random: metricRandom(options.seed, plan.metric, 'disturbance'),
  })
}

async function* asynchronous<T>(items: Iterable<T> | AsyncIterable<T>): AsyncIterable<T> {
  yield* items
}

const takesInputs = (plan: MetricPlan): plan is MetricPlan & { readonly values: FunctionPlan } =>
  isFunction(plan.values)

async function* fromInputs(
  plan: MetricPlan & { readonly values: FunctionPlan },
  random: PythonRandom,
  making: Making,
): AsyncIterable<MetricBatch> {
  const inputs: Input[] = []
  for (const reference of plan.values.inputs) inputs.push(await findInput(plan, reference, making))
  const arrivals = plan.frequency === 'historical' ? undefined : arrivalsOf(plan, random, making.options.compat)
  yield* generateFunction(plan, inputs, arrivals)
}

/** The input that a design means: of the file it names, else of the data files, else of the metrics made before it. */
async function findInput(plan: MetricPlan, reference: InputReference, making: Making): Promise<Input> {
  const { options, earlier } = making
  const error = (message: string): UserError => plan.error(['values'], message)
  const files = reference.from === undefined ? options.dataFiles : [reference.from]
  for (const file of files.filter((path) => path === reference.from || isRemote(path) || existsSync(path))) {
    const stored = await openStored(file, options)
    const metric = onlyOne(await stored.find(reference), error)
    if (metric) return storedInput(stored, metric, { file, key: reference.key })
  }
  if (reference.from !== undefined) throw error(notThere(reference, reference.from))
  const metric = onlyOne(
    earlier.map((made) => made.metric).filter((made) => isMeant(made, reference)),
    error,
  )
  if (!metric) throw error(missing(reference, files))
  if (options.compat) throw error(`${reference.metric} of the same design cannot be read with --compat clusterman`)
  const index = earlier.findIndex((made) => sameMetric(made.metric, metric))
  const again = () => generateMetric(earlier[index], { ...making, earlier: earlier.slice(0, index) })
  return { name: reference.metric, key: reference.key, batches: again }
}

const notThere = ({ metric, type }: InputReference, from: string): string => {
  const advice = type === undefined && isRemote(from) ? '; of a metric with a type give type:' : ''
  return `no metric ${metric} in ${from}${advice}`
}

const missing = ({ metric }: InputReference, files: readonly string[]): string =>
  `no data for metric ${metric}: it is not in ${[...files, 'the design before this metric'].join(', nor in ')}; name a metrics file with from: or --metrics-data-file`

function onlyOne(metrics: readonly Metric[], error: (message: string) => UserError): Metric | undefined {
  if (metrics.length > 1)
    throw error(
      `several metrics are called ${metrics[0].name}: add type: ${metrics.map(({ type }) => type).join(' or ')}`,
    )
  return metrics[0]
}

const storedInput = (
  stored: StoredMetrics,
  metric: Metric,
  { file, key }: { file: string; key: string | undefined },
): Input => ({ name: `${metric.name} of ${file}`, key, batches: () => stored.read(metric, key) })
