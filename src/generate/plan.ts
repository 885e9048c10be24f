import type { Metric } from '../metrics-file/batch.ts'
import { sameMetric } from '../metrics-file/identity.ts'
import { formatDuration } from '../time/duration.ts'
import { parseInstant } from '../time/instant.ts'
import { floorTo, type Range, second, type Time } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import { compileExpression, type Expression } from '../util/expression.ts'
import type { DesignedMetric } from './design.ts'
import type { Disturbance } from './disturb.ts'
import {
  type FunctionBlock,
  historyVariables,
  type LinearBlock,
  type MetricDesign,
  ownVariables,
  type RandomBlock,
  type SumBlock,
} from './schema.ts'

/** Where a function's input comes from, as the design names it. */
export interface InputReference {
  /** The name that the function calls it by. */
  readonly variable: string
  readonly metric: string
  readonly type?: string
  readonly key?: string
  readonly from?: string
}

/** What messages call a reference. */
export const nameReference = ({ metric, key }: InputReference): string =>
  key === undefined ? metric : `${metric} with the key ${JSON.stringify(key)}`

/** Whether a metric is one that a reference may mean. */
export const isMeant = (metric: Metric, { metric: name, type }: InputReference): boolean =>
  sameMetric({ name: metric.name }, { name }) && (type === undefined || metric.type === type)

export interface FunctionPlan {
  readonly inputs: readonly InputReference[]
  readonly interpolate: 'last' | 'linear'
  readonly evaluate: Expression
}

/** One metric to generate: a design whose times are resolved and whose fields fit together. */
export interface MetricPlan {
  readonly metric: Metric
  readonly range: Range
  /** A step in ms, random gaps in seconds, or the times of the first input. */
  readonly frequency: number | RandomBlock | 'historical'
  readonly values: number | RandomBlock | SumBlock | FunctionPlan
  readonly keys?: readonly string[]
  readonly disturbance?: Disturbance
  error(path: readonly PropertyKey[], message: string): UserError
}

export interface PlanOptions {
  /** The zone of times that name none. */
  readonly timezone: string
  readonly now: Time
  readonly compat: boolean
}

export const isFunction = (values: MetricPlan['values']): values is FunctionPlan =>
  typeof values === 'object' && 'evaluate' in values

export async function planMetric(designed: DesignedMetric, options: PlanOptions): Promise<MetricPlan> {
  const { metric, design, error } = designed
  const range = {
    start: await readTime(designed, 'start_time', options),
    end: await readTime(designed, 'end_time', options),
  }
  if (range.start >= range.end && !options.compat) throw error(['end_time'], 'expected an end after the start')
  const values = await planValues(designed, options)
  const frequency = planFrequency(designed, options)
  if (frequency === 'historical' && !isFunction(values))
    throw error(design.frequency ? ['frequency'] : [], 'random and constant values need a frequency, such as 1m')
  if (design.dict_keys && isFunction(values) && !isLinear(design.values))
    throw error(['dict_keys'], 'a function of existing data gives one number: dict_keys cannot be used')
  const { gaps, duplicates, late } = design
  return {
    metric,
    range,
    frequency,
    values,
    ...(design.dict_keys && !isFunction(values) && { keys: distinct(designed, design.dict_keys) }),
    ...((gaps || duplicates || late) && { disturbance: { gaps, duplicates, late } }),
    error,
  }
}

function planFrequency({ design, error }: DesignedMetric, { compat }: PlanOptions): MetricPlan['frequency'] {
  const frequency = design.frequency ?? 'historical'
  if (!compat || typeof frequency !== 'number') return frequency
  if (frequency >= second) return floorTo(frequency, second)
  throw error(
    ['frequency'],
    `expected 1s or more: Clusterman cuts steps to whole seconds, got ${formatDuration(frequency)}`,
  )
}

function distinct({ error }: DesignedMetric, keys: readonly string[]): readonly string[] {
  const twice = keys.findIndex((key, i) => keys.indexOf(key) < i)
  if (twice >= 0) throw error(['dict_keys', twice], `${keys[twice]} stands twice`)
  return keys
}

async function readTime(
  { design, error }: DesignedMetric,
  field: 'start_time' | 'end_time',
  { timezone, now, compat }: PlanOptions,
): Promise<Time> {
  const text = compat ? withoutIgnoredZone(design[field]) : design[field]
  try {
    return await parseInstant(text, { timezone, now, skipped: compat ? 'back' : 'forward' })
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause
    throw error([field], cause.hint ? `${cause.message}; ${cause.hint}` : cause.message)
  }
}

/** Clusterman discards the zone of every time without a plus sign. */
const withoutIgnoredZone = (text: string): string =>
  text.includes('+')
    ? text
    : text.replace(/^(\d{4}-.*\d) ?(Z|-\d\d:?(\d\d)?)$/i, (all, time) => (/[T ]/.test(time) ? time : all))

async function planValues(
  { metric, design, error }: DesignedMetric,
  { compat }: PlanOptions,
): Promise<MetricPlan['values']> {
  const { values } = design
  if (typeof values !== 'object') return constant(values, compat, (message) => error(['values'], message))
  if ('distribution' in values || 'sum' in values) return values
  try {
    return 'function' in values ? await planFunction(values) : await planLinear(values, metric)
  } catch (cause) {
    if (cause instanceof UserError) throw error(['values', 'function'], cause.message)
    throw cause
  }
}

/** In compat mode Python's `int()`, else the number itself. */
function constant(value: number | string | boolean, compat: boolean, error: (message: string) => UserError): number {
  if (compat && (typeof value !== 'string' || /^\s*[+-]?\d+\s*$/.test(value))) return Math.trunc(Number(value))
  if (typeof value !== 'number') throw error(`expected a number, got ${JSON.stringify(value)}`)
  return value
}

const isLinear = (values: MetricDesign['values']): boolean =>
  typeof values === 'object' && !('function' in values) && !('distribution' in values) && !('sum' in values)

async function planFunction(block: FunctionBlock): Promise<FunctionPlan> {
  const { from, type, key, interpolate } = block
  const named = block.metrics ? Object.entries(block.metrics) : [['x', block.metric as string]]
  const inputs = named.map(([variable, metric]) => ({ variable, metric, type, key, from }))
  const history = block.metrics ? [] : historyVariables
  const variables = [...inputs.map(({ variable }) => variable), ...ownVariables, ...history]
  return { inputs, interpolate, evaluate: await compileExpression(block.function, variables) }
}

/** Clusterman's linear function reads the metric of the same name. */
async function planLinear(
  { params: { a, b }, metric, type, key, from }: LinearBlock,
  own: Metric,
): Promise<FunctionPlan> {
  const input = { variable: 'x', metric: metric ?? own.name, type: type ?? own.type, key, from }
  return { inputs: [input], interpolate: 'last', evaluate: ({ x }) => a * x + b }
}
