import type { PointBatch } from '../../metric/points.ts'
import { selectPoints } from '../../metric/points.ts'
import { parseSeries } from '../../metric/series.ts'
import { halvesOfList, halvesOfRange, inHalves } from '../../source/halves.ts'
import type { Query, ReadOptions, Source } from '../../source/source.ts'
import { contains, type Range, second } from '../../time/range.ts'

/** What is asked of a source in one call. */
interface Request {
  readonly query: Query
  readonly range: Range
  /** Ms of the shortest range that makes sense. */
  readonly resolution?: number
}

/**
 * Reads a range, in halves where the source says that it is too large at once. A batch that was given before it said so comes again:
 * whoever arranges the points drops what comes twice.
 */
export const readSplitting = (source: Source, request: Request, options: ReadOptions): AsyncGenerator<PointBatch> =>
  inHalves(request, ({ query, range }) => source.read(query, range, options), halvesOf)

/** Halves of the time, or where that is one slot of the names. */
const halvesOf = ({ query, range, resolution = second }: Request): readonly Request[] | undefined =>
  halvesOfRange(range, resolution)?.map((half) => ({ query, range: half, resolution })) ??
  halvesOfList(query.names ?? [])?.map((names) => ({ query: { ...query, names }, range, resolution }))

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
