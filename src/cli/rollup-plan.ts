import type { DryRun } from '../backfill/dry-run.ts'
import { formatRange } from '../time/range.ts'
import { alignPairs, formatBytes, formatCount, formatSeconds, plural } from './format.ts'

/** What a run would do; where it writes into a database, how fast it would at most. */
export interface ShownPlan extends DryRun {
  readonly maxWritesPerSecond?: number
}

/** A plan for people: every chunk that is to do, and what it takes. */
export function formatPlan(plan: ShownPlan): string {
  const { job, range, granularities, chunks, files, estimatedSeconds, maxWritesPerSecond } = plan
  const span = files.first === undefined ? '' : `, ${files.first} to ${files.last}`
  return [
    ...chunks.toDo.map((chunk) => `to do  ${chunk}`),
    ...alignPairs([
      ['job', job],
      ['range', `${formatRange(range)}, ${granularities.join(', ')}`],
      ['chunks', `${formatCount(chunks.toDo.length)} to do, ${formatCount(chunks.upToDate)} up to date`],
      [
        'files',
        `${plural(files.toRead, 'file')} to read (${formatBytes(files.bytes)}${span}), ${formatCount(files.foreign)} foreign`,
      ],
      ['time', `about ${formatSeconds(estimatedSeconds)}, at 15 MB/s of compressed files a worker`],
      ...describePace(maxWritesPerSecond),
    ]),
    'nothing was written',
  ].join('\n')
}

/** How fast rows are written at most, where there is such a limit. */
export const describePace = (maxWritesPerSecond: number | undefined): (readonly [string, string])[] =>
  maxWritesPerSecond === undefined
    ? []
    : [['pace', `at most ${formatCount(maxWritesPerSecond)} rows a second (--max-writes-per-second)`]]
