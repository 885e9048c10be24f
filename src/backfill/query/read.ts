import type { PointBatch } from '../../metric/points.ts'
import { selectPoints } from '../../metric/points.ts'
import { parseSeries } from '../../metric/series.ts'
import { type Query, type ReadOptions, type Source, TooLarge } from '../../source/source.ts'
import { ceilTo, contains, type Range, second } from '../../time/range.ts'
import { UserError } from '../../util/errors.ts'

/**
 * Reads a range, in halves where the source says that it is too large at once. A batch that was given before it said so comes again:
 * whoever arranges the points drops what comes twice.
 */
export async function* readSplitting(
  source: Source,
  { query, range, resolution = second }: { query: Query; range: Range; resolution?: number },
  options: ReadOptions,
): AsyncGenerator<PointBatch> {
  try {
    yield* source.read(query, range, options)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    const middle = ceilTo((range.start + range.end) / 2, resolution)
    if (middle >= range.end)
      throw new UserError(`${error.message}, and the range cannot be split any more`, { cause: error })
    yield* readSplitting(source, { query, range: { start: range.start, end: middle }, resolution }, options)
    yield* readSplitting(source, { query, range: { start: middle, end: range.end }, resolution }, options)
  }
}

/** Chooses points of the range and of the metrics that are wanted; tells which of them it has met. */
export function chooser(metrics: readonly string[] | undefined, found: Set<string>) {
  const named = metrics && new Set(metrics)
  const verdicts = new Map<string, boolean>()
  const isWanted = (text: string): boolean => {
    const known = verdicts.get(text)
    if (known !== undefined) return known
    const { name } = parseSeries(text)
    const metric = named?.has(name) ? name : text
    const verdict = named?.has(metric) ?? true
    if (verdict) found.add(metric)
    verdicts.set(text, verdict)
    return verdict
  }
  return (batch: PointBatch, range: Range): PointBatch =>
    selectPoints(batch, (text, time) => contains(range, time) && isWanted(text))
}
