import { join } from 'node:path'
import { firstChanged, firstLost } from '../../metric/rows.ts'
import { chunkOf } from '../../time/granularity.ts'
import { contains, formatRange, formatTime, snapOutward } from '../../time/range.ts'
import { ExitCode, refusal, UserError } from '../../util/errors.ts'
import type { FileSystem } from '../../util/files.ts'
import type { Place, RowBatch } from '../store.ts'
import type { LakeOptions } from './lake.ts'
import { fileOf, listWindow } from './layout.ts'
import { rowKind } from './row-kind.ts'

/** A series that was to be taken over from another job, without points that this has of it. Nothing has been written. */
export class WouldShrink extends UserError {
  constructor(message: string) {
    super(message, { exitCode: ExitCode.refused, hint: '--allow-shrink allows it' })
  }
}

/** A file of another job that holds series which this one takes over. */
export interface Rival {
  readonly path: string
  /** The rows of its other series. */
  readonly left: RowBatch
  /** Rows of those series outside the span, which are this job's from now on. */
  readonly taken: RowBatch
}

interface Claimant extends Pick<LakeOptions, 'path' | 'job' | 'existing' | 'within'> {
  readonly files: FileSystem
}

/**
 * Files of other jobs that hold series of `mine`, or series named, in the same window.
 * @throws a refusal where none may be taken over, {@link WouldShrink} where they would lose rows thereby that they may not lose
 */
export async function findRivals(claimant: Claimant, place: Place, mine: RowBatch): Promise<Rival[]> {
  const { files, path: lake, job, existing = 'refuse' } = claimant
  const { granularity, range, series } = place
  const window = chunkOf(granularity, range.start)
  const own = fileOf(granularity, window, job)
  const found = await listWindow(files, lake, { granularity, window })
  const others = found.filter((file) => file.endsWith('.parquet') && file !== own)
  if (others.length === 0) return []
  const names = new Set(series === 'all' ? mine.dictionary : [...mine.dictionary, ...series])
  const { decode, select } = rowKind(granularity)
  const rivals: Rival[] = []
  for (const other of others) {
    const path = join(lake, other)
    const theirs = await decode((await files.read(path)) ?? new Uint8Array(), path)
    const shared = theirs.dictionary.find((text) => names.has(text))
    if (shared === undefined) continue
    if (existing === 'refuse') throw alreadyHeld(shared, path)
    const left = select(theirs, (text) => !names.has(text))
    const isOf = (wanted: boolean) => (text: string, time: number) =>
      names.has(text) && contains(range, time) === wanted
    const replaced = select(theirs, isOf(true))
    requireSameOutside(claimant, place, { replaced, mine })
    if (existing === 'fill') requireNoLoss(replaced, select(mine, isOf(true)))
    rivals.push({ path, left, taken: select(theirs, isOf(false)) })
  }
  return rivals
}

/** Rows of another job that were not asked for must be in `mine` as they are. */
function requireSameOutside(
  { within }: Claimant,
  { granularity, range }: Place,
  { replaced, mine }: { replaced: RowBatch; mine: RowBatch },
): void {
  if (!within) return
  const asked = snapOutward(within, granularity.size)
  const others = rowKind(granularity).select(replaced, (_text, time) => !contains(asked, time))
  const changed = firstChanged(others, mine)
  if (!changed) return
  const what = `${changed.text}, which another job holds, outside of the range: the first at ${formatTime(changed.time)}`
  throw new WouldShrink(`would change ${what}; ask for all of ${formatRange(range)} to take it over`)
}

/** Each row of `theirs` must be in `mine`, at the same time, with as many points. */
function requireNoLoss(theirs: RowBatch, mine: RowBatch): void {
  const lost = firstLost(theirs, mine)
  if (!lost) return
  const at = formatTime(lost.time)
  throw new WouldShrink(`would take ${lost.text} over from another job, and lose points of it: the first at ${at}`)
}

const alreadyHeld = (series: string, path: string): Error =>
  refusal(
    `series already held by another job: ${series} in ${path}`,
    'use --existing replace to take it over, or another lake',
  )
