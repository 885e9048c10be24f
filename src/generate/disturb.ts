import { type BatchBuilder, batchBuilder, copyPoint, type MetricBatch } from '../metrics-file/batch.ts'
import type { PythonRandom } from '../random/python-random.ts'
import type { Range, Time } from '../time/range.ts'
import { priorityQueue } from '../util/priority-queue.ts'

/** What goes wrong on the way of a point. */
export interface Disturbance {
  /** Probability that a point is lost. */
  readonly gaps?: number
  /** Probability that a point comes twice. */
  readonly duplicates?: number
  /** Points that come up to `by` ms later than they should. */
  readonly late?: { readonly probability: number; readonly by: number }
}

interface Waiting {
  readonly time: Time
  /** Counts what came: of equal times the first goes on first. */
  readonly order: number
  readonly batch: MetricBatch
  readonly i: number
}

/**
 * Loses, delays and repeats points by chance; what comes out is in order of time, and a repeated time is a millisecond later. For each
 * point, of what is asked for: one number decides on loss, one on delay and one more how long, one on repetition. A point
 * delayed beyond the range is lost.
 */
export async function* disturb(
  batches: AsyncIterable<MetricBatch>,
  { disturbance, range, random }: { disturbance: Disturbance; range: Range; random: PythonRandom },
): AsyncIterable<MetricBatch> {
  const waiting = priorityQueue<Waiting>((a, b) => a.time < b.time || (a.time === b.time && a.order < b.order))
  let order = 0
  let last = Number.NEGATIVE_INFINITY
  let builder: BatchBuilder | undefined
  function* release(until: Time): Iterable<MetricBatch> {
    for (let next = waiting.peek(); builder && next && next.time <= until; next = waiting.peek()) {
      waiting.pop()
      const { time, batch, i } = next
      last = Math.max(last + 1, time)
      if (last < range.end) copyPoint(builder, batch, { i, time: last })
      if (builder.isFull()) yield builder.take()
    }
  }
  for await (const batch of batches) {
    builder ??= batchBuilder(batch.metric)
    for (let i = 0; i < batch.length; i++) {
      for (const time of arrivals(batch.time[i], disturbance, random)) waiting.push({ time, order: order++, batch, i })
      yield* release(batch.time[i])
    }
  }
  yield* release(Number.POSITIVE_INFINITY)
  if (builder) yield builder.take()
}

/** When a point arrives: never, once or twice. */
function arrivals(time: Time, { gaps, duplicates, late }: Disturbance, { random }: PythonRandom): Time[] {
  if (gaps !== undefined && random() < gaps) return []
  const isLate = late !== undefined && random() < late.probability
  const arrival = isLate ? time + Math.ceil(random() * late.by) : time
  return duplicates !== undefined && random() < duplicates ? [arrival, arrival] : [arrival]
}
