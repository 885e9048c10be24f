import type { JobStatus } from '../backfill/status.ts'
import { formatRange } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { print } from './context.ts'
import { choice } from './flags.ts'
import { alignPairs, formatCount, plural } from './format.ts'

type Flags = { readonly output: 'text' | 'json' }

export const statusCommand = defineCommand<Flags, [place: string]>({
  flags: { output: choice('output', ['text', 'json'], 'Form of the answer') },
  positional: {
    kind: 'tuple',
    parameters: [
      { parse: String, brief: 'A lake, a metrics file, or a folder such as .retrofill', placeholder: 'lake' },
    ],
  },
  async run(context, { output }, place) {
    const [{ findStateLakes, readStatus }, { nodeFiles }] = await Promise.all([
      import('../backfill/status.ts'),
      import('../util/files.ts'),
    ])
    const jobs: JobStatus[] = []
    for (const lake of await findStateLakes(nodeFiles, place)) jobs.push(...(await readStatus(nodeFiles, lake)))
    print(context, output === 'json' ? JSON.stringify(jobs) : jobs.map(formatJob).join('\n\n') || 'no jobs')
    return ExitCode.ok
  },
})

/** Jobs seldom have more than a few stretches of time; beyond these only the first and last are told. */
const listedRanges = 3

function formatJob({ job, source, store, levels, counts, files, stale }: JobStatus): string {
  const classes = Object.entries(counts).map(([name, count]) => `${formatCount(count)} ${words[name] ?? name}`)
  return [
    `job ${job} of ${source}${store === undefined ? '' : ` into ${store}`}`,
    ...alignPairs([
      ...(files.scanned > 0
        ? ([
            ['files', `${formatCount(files.scanned)} scanned, ${formatCount(files.broken)} broken`],
            ['input', classes.join(', ')],
          ] as const)
        : []),
      ...levels.map(
        ({ granularity, chunks, failed, rows, points, duplicates, ranges, pushed }) =>
          [
            granularity,
            `${plural(chunks, 'chunk')} done, ${formatCount(granularity === '5m' ? stale : 0)} stale, ${formatCount(failed)} failed` +
              `${pushed === undefined ? '' : `, ${formatCount(pushed)} in the store`}; ` +
              `${plural(rows, 'row')} of ${plural(points, 'point')}, ${plural(duplicates, 'duplicate')}; ${describeRanges(ranges)}`,
          ] as const,
      ),
    ]),
  ].join('\n')
}

const words: Readonly<Record<string, string>> = {
  rejectedLines: 'lines with rejects',
  notNumeric: 'not numeric',
  outOfShard: 'out of shard',
}

function describeRanges(ranges: JobStatus['levels'][number]['ranges']): string {
  if (ranges.length <= listedRanges) return ranges.map(formatRange).join(' ')
  return `${formatRange(ranges[0])} … ${formatRange(ranges[ranges.length - 1])} (${ranges.length} stretches)`
}
