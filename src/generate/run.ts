import type { MetricBatch } from '../metrics-file/batch.ts'
import { type PythonRandom, pythonRandom } from '../random/python-random.ts'
import type { Seed } from '../random/seed.ts'
import { usageError } from '../util/errors.ts'
import { disturb } from './disturb.ts'
import { type ExistingOptions, findExisting, onlyOne, type Reader } from './existing.ts'
import { generateFunction } from './function.ts'
import type { Input } from './inputs.ts'
import { arrivalsOf, generateRandom } from './metric.ts'
import { type FunctionPlan, type InputReference, isFunction, isMeant, type MetricPlan, nameReference } from './plan.ts'
import { metricRandom } from './seed.ts'

interface GenerateOptions extends ExistingOptions {
  readonly seed: Seed
  /** Clusterman's way: one random stream in the order of the design, whole seconds, `+ 1 s` on random gaps. */
  readonly compat: boolean
  readonly maxPoints: number
  /** Told of points as they are made. */
  onPoints?(count: number): void
}

/** Makes the metrics of a design, one after the other, in its order. */
export async function* generate(plans: readonly MetricPlan[], options: GenerateOptions): AsyncGenerator<MetricBatch> {
  const global = options.compat ? pythonRandom(options.seed) : undefined
  let points = 0
  for (const plan of plans) {
    for await (const batch of generateMetric(plan, { options, global, plans })) {
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
  /** All of the design. */
  readonly plans: readonly MetricPlan[]
}

async function* generateMetric(plan: MetricPlan, making: Making): AsyncIterable<MetricBatch> {
  const { options, global } = making
  const random = global ?? metricRandom(options.seed, plan.metric)
  const points = takesInputs(plan) ? fromInputs(plan, random, making) : generateRandom(plan, random, options.compat)
  if (!plan.disturbance) {
    yield* points
    return
  }
  const { disturbance, range } = plan
  yield* disturb(asynchronous(points), {
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

/**
 * The input that a design means. What this run makes itself comes first and is made again, whatever an earlier run has left in the
 * output: so every run of a design and seed gives the same.
 */
async function findInput(plan: MetricPlan, reference: InputReference, making: Making): Promise<Input> {
  const { options, plans } = making
  const reader: Reader = {
    designed: plans.map(({ metric }) => metric),
    error: (message) => plan.error(['values'], message),
  }
  const input = findEarlier(plan, reference, { ...making, reader }) ?? (await findExisting(reference, reader, options))
  if (!input) throw reader.error(missing(reference, making))
  return input
}

/** The metric that a reference without `from` means among those that stand before it in the design. */
function findEarlier(
  plan: MetricPlan,
  reference: InputReference,
  { reader, ...making }: Making & { reader: Reader },
): Input | undefined {
  if (reference.from !== undefined) return undefined
  const earlier = making.plans.slice(0, making.plans.indexOf(plan))
  const meant = earlier.filter(({ metric }) => isMeant(metric, reference))
  const metric = onlyOne(
    meant.map((one) => one.metric),
    reader.error,
  )
  if (!metric) return undefined
  const [made] = meant
  if (making.options.compat)
    throw reader.error(
      `${reference.metric} of the same design cannot be read with --compat clusterman; name existing data with from:`,
    )
  return { name: reference.metric, key: reference.key, mayHave: made.keys, batches: () => generateMetric(made, making) }
}

function missing(reference: InputReference, { options: { dataFile, output }, plans }: Making): string {
  const advice = 'name a metrics file with from: or --metrics-data-file'
  if (plans.some(({ metric }) => isMeant(metric, reference)))
    return `no data for metric ${reference.metric}: the design makes it, but not before this metric; move it up, or ${advice}`
  const places = ['the design before this metric', ...(dataFile === undefined ? [] : [dataFile]), output]
  return `no data for metric ${nameReference(reference)}: it is not in ${places.join(', nor in ')}; ${advice}`
}
