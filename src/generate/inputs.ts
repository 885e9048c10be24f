import { type MetricBatch, noKey } from '../metrics-file/batch.ts'
import type { Time } from '../time/range.ts'
import { formatTime } from '../time/range.ts'
import { UserError, usageError } from '../util/errors.ts'

/** Numbers over time that a function takes. */
export interface Input {
  /** How messages call it. */
  readonly name: string
  /** Of a multi-valued metric, the key to take. */
  readonly key?: string
  /** Keys that it may have, though chance may have drawn none of one of them. */
  readonly mayHave?: readonly string[]
  /** Its points from the first one on, in order of time. */
  batches(): AsyncIterable<MetricBatch>
}

interface Sample {
  readonly time: Time
  readonly value: number
}

/** A place in an input that moves forward with time. */
export interface InputCursor {
  /** The last point at or before the time sought. */
  readonly before: Sample | undefined
  /** The first point after it. */
  readonly after: Sample | undefined
  seek(time: Time): Promise<void>
  /** Whatever it reads is not read on. */
  close(): Promise<void>
}

/** A cursor that is nowhere until it has sought a time. */
export function inputCursor(input: Input): InputCursor {
  const batches = input.batches()[Symbol.asyncIterator]()
  let samples: Iterator<Sample> = [].values()
  let keys: readonly string[] | undefined
  let before: Sample | undefined
  let after: Sample | undefined
  let isBegun = false
  const next = async (): Promise<Sample | undefined> => {
    for (;;) {
      const found = samples.next()
      if (!found.done) return found.value
      const batch = await batches.next()
      if (batch.done) return undefined
      if (batch.value.value.length > 0) keys = batch.value.keys
      samples = samplesOf(batch.value, input)
    }
  }
  const begin = async (): Promise<Sample | undefined> => {
    const first = await next()
    if (!first && keys && !input.mayHave?.some((key) => key === input.key)) throw withoutKey(input, keys)
    return first
  }
  return {
    get before() {
      return before
    },
    get after() {
      return after
    },
    async seek(time) {
      if (!isBegun) after = await begin()
      isBegun = true
      while (after && after.time <= time) {
        before = after
        after = await next()
        if (after && after.time < before.time) throw backwards(input, after.time)
      }
    },
    async close() {
      await batches.return?.()
    },
  }
}

const backwards = ({ name }: Input, time: Time) => new UserError(`${name} goes back in time at ${formatTime(time)}`)

function* samplesOf({ length, time, first, value, key, keys }: MetricBatch, input: Input): Iterator<Sample> {
  for (let i = 0; i < length; i++) {
    for (let v = first[i]; v < first[i + 1]; v++) {
      if (key[v] !== noKey && input.key === undefined) throw multiValued(input, keys[key[v]])
      if (key[v] === noKey ? input.key === undefined : keys[key[v]] === input.key)
        yield { time: time[i], value: value[v] }
    }
  }
}

const multiValued = ({ name }: Input, key: string) =>
  usageError(
    `${name} is multi-valued: a function takes one number`,
    `name one of its keys, such as key: ${JSON.stringify(key)}`,
  )

const withoutKey = ({ name, key }: Input, [first]: readonly string[]) =>
  usageError(
    `${name} has no value of the key ${JSON.stringify(key)}`,
    first === undefined ? 'it has no keys: leave out key:' : `name another key, such as key: ${JSON.stringify(first)}`,
  )

/** The value at a time: the last one, or on the line to the next one; undefined before the first point. */
export function valueAt(
  { before, after }: InputCursor,
  time: Time,
  interpolate: 'last' | 'linear',
): number | undefined {
  if (!before || !after || interpolate === 'last') return before?.value
  return before.value + ((after.value - before.value) * (time - before.time)) / (after.time - before.time)
}
