import { batchBuilder, copyPoint, type MetricBatch } from '../metrics-file/batch.ts'
import { floorTo, formatTime, second, type Time } from '../time/range.ts'
import { refusal } from '../util/errors.ts'

interface WholeSecondsOptions {
  /** Leaves out points that share a second with a later one of their metric. */
  readonly allowLossy?: boolean
  /** Told how many points are left out. */
  onLeftOut(count: number): void
}

/**
 * The points of metrics for a format that knows whole seconds only: at most one a second.
 * @throws a refusal where a metric has several in one, unless they may be left out
 */
export async function* onePerSecond(
  batches: AsyncIterable<MetricBatch>,
  options: WholeSecondsOptions,
): AsyncIterable<MetricBatch> {
  let last: MetricBatch | undefined
  for await (const batch of batches) {
    const goesOn = batch.metric === last?.metric
    if (goesOn && batch.length === 0) continue
    if (last) yield thinned(last, goesOn ? batch.time[0] : Number.NaN, options)
    last = batch
  }
  if (last) yield thinned(last, Number.NaN, options)
}

/** @param next time of the point behind the batch */
function thinned(batch: MetricBatch, next: Time, { allowLossy, onLeftOut }: WholeSecondsOptions): MetricBatch {
  const { metric, length, time } = batch
  const timeAfter = (i: number): Time => (i + 1 < length ? time[i + 1] : next)
  const isShared = (i: number): boolean => floorTo(time[i], second) === floorTo(timeAfter(i), second)
  const shared = Array.from(time.keys()).filter(isShared)
  if (shared.length === 0) return batch
  if (!allowLossy)
    throw refusal(
      `${metric.name} has several points in the second of ${formatTime(floorTo(time[shared[0]], second))}: --format clusterman holds one`,
      'write --format plain, or let --allow-lossy keep the last of each second',
    )
  onLeftOut(shared.length)
  const builder = batchBuilder(metric)
  for (let i = 0; i < length; i++) if (!isShared(i)) copyPoint(builder, batch, { i, time: time[i] })
  return builder.take()
}
