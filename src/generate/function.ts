import { type BatchBuilder, batchBuilder, type MetricBatch } from '../metrics-file/batch.ts'
import { contains, day, floorTo, formatTime, hour, second, type Time } from '../time/range.ts'
import { errorMessage } from '../util/errors.ts'
import type { Arrivals } from './arrivals.ts'
import { type Input, type InputCursor, inputCursor, valueAt } from './inputs.ts'
import { finiteCheck } from './metric.ts'
import type { FunctionPlan, MetricPlan } from './plan.ts'
import { numberWriter, weekday } from './values.ts'

/**
 * Generates a metric as a function of existing data: at the times of `arrivals`, or without them at those of the first input. Where an
 * input has no point yet, there is none.
 */
export async function* generateFunction(
  plan: MetricPlan & { readonly values: FunctionPlan },
  inputs: readonly Input[],
  arrivals?: Arrivals,
): AsyncIterable<MetricBatch> {
  const cursors = inputs.map(inputCursor)
  const builder = batchBuilder(plan.metric)
  const write = functionWriter(plan, cursors, builder)
  const times = arrivals ? timesOf(arrivals) : ownTimes(cursors[0], plan.range.end)
  try {
    for await (const time of times) {
      for (const cursor of cursors) await cursor.seek(time)
      if (contains(plan.range, time)) write(time)
      if (builder.isFull()) yield builder.take()
    }
    yield builder.take()
  } finally {
    await Promise.all(cursors.map(({ close }) => close()))
  }
}

function* timesOf(arrivals: Arrivals): Iterable<Time> {
  for (let time = arrivals.time; time !== undefined; time = arrivals.time) {
    yield time
    arrivals.advance()
  }
}

async function* ownTimes(cursor: InputCursor, end: Time): AsyncIterable<Time> {
  await cursor.seek(Number.NEGATIVE_INFINITY)
  for (let next = cursor.after; next && next.time < end; next = cursor.after) {
    yield next.time
    // A time that stands twice was passed at once.
    await cursor.seek(next.time)
  }
}

/** Evaluates the function at a time that all inputs have been moved to. */
function functionWriter(
  plan: MetricPlan & { readonly values: FunctionPlan },
  cursors: readonly InputCursor[],
  builder: BatchBuilder,
): (time: Time) => void {
  const { inputs, interpolate, evaluate } = plan.values
  const scope: Record<string, number> = {}
  let before: { x: number; time: Time } | undefined
  const at = (time: Time): number => {
    const x = scope.x ?? Number.NaN
    scope.t = time / second
    scope.hour = Math.floor((time - floorTo(time, day)) / hour)
    scope.weekday = weekday(time)
    scope.prev = before?.x ?? x
    scope.dt = before ? (time - before.time) / second : 0
    before = { x, time }
    return compute(time)
  }
  const compute = (time: Time): number => {
    try {
      return evaluate(scope)
    } catch (cause) {
      throw plan.error(['values'], `${errorMessage(cause)} at ${formatTime(time)}`)
    }
  }
  const write = numberWriter({ isInteger: false, at }, finiteCheck(plan))
  return (time) => {
    for (const [i, cursor] of cursors.entries()) {
      const value = valueAt(cursor, time, interpolate)
      if (value === undefined) return
      scope[inputs[i].variable] = value
    }
    write(builder, time)
  }
}
