import { type BatchBuilder, batchBuilder, type MetricBatch } from '../metrics-file/batch.ts'
import type { PythonRandom } from '../random/python-random.ts'
import { formatTime, type Time } from '../time/range.ts'
import { type Arrivals, clustermanGaps, inWholeSeconds, randomArrivals, regularArrivals } from './arrivals.ts'
import { isFunction, type MetricPlan } from './plan.ts'
import {
  constantValue,
  drawOf,
  keyedWriter,
  numberWriter,
  type PointWriter,
  randomValue,
  sumValue,
  type ValueFunction,
} from './values.ts'

/**
 * Generates a metric that needs no other data. For each point its value is drawn first, then the gap to the next; with keys, first how
 * many, then which, then their values. The same plan and stream give the same points.
 */
export function* generateRandom(plan: MetricPlan, random: PythonRandom, compat: boolean): Iterable<MetricBatch> {
  const arrivals = arrivalsOf(plan, random, compat)
  const write = writerOf(plan, random)
  const builder = batchBuilder(plan.metric)
  do {
    fill(builder, arrivals, write)
    yield builder.take()
  } while (arrivals.time !== undefined)
}

function fill(builder: BatchBuilder, arrivals: Arrivals, write: PointWriter): void {
  for (let time = arrivals.time; time !== undefined && !builder.isFull(); time = arrivals.time) {
    write(builder, time)
    arrivals.advance()
  }
}

/** The times of a plan with a frequency of its own. */
export function arrivalsOf(plan: MetricPlan, random: PythonRandom, compat: boolean): Arrivals {
  const { frequency, range } = plan
  if (frequency === 'historical') throw new Error('the times of existing data are known to the data only')
  const arrivals = () => {
    if (typeof frequency === 'number') return regularArrivals(range, frequency)
    const gaps = drawOf(frequency, random)
    const fail = (gap: number): never => {
      throw plan.error(['frequency'], `expected gaps of 0 seconds or more, got ${gap}`)
    }
    return randomArrivals(range, compat ? clustermanGaps(gaps, fail) : gaps, fail)
  }
  return compat ? inWholeSeconds(arrivals()) : arrivals()
}

function writerOf(plan: MetricPlan, random: PythonRandom): PointWriter {
  const values = valuesOf(plan, random)
  const check = finiteCheck(plan)
  return plan.keys ? keyedWriter(values, { keys: plan.keys, random }, check) : numberWriter(values, check)
}

function valuesOf({ values, range }: MetricPlan, random: PythonRandom): ValueFunction {
  if (typeof values === 'number') return constantValue(values)
  if (isFunction(values)) throw new Error('a function of existing data is no value of its own')
  return 'sum' in values ? sumValue(values, random, range.start) : randomValue(values, random)
}

export const finiteCheck =
  ({ error }: MetricPlan) =>
  (value: number, time: Time): void => {
    if (!Number.isFinite(value))
      throw error(['values'], `expected a finite number, got ${value} at ${formatTime(time)}`)
  }
