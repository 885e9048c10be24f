import type { DryRun } from '../backfill/dry-run.ts'
import { formatRange } from '../time/range.ts'
import { alignPairs, formatBytes, formatCount, formatSeconds, plural } from './format.ts'

/** What a run would do, for people: every chunk that is to do, and what it takes. */
export function formatPlan({ job, range, granularities, chunks, files, estimatedSeconds }: DryRun): string {
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
    ]),
    'nothing was written',
  ].join('\n')
}
