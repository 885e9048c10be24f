import type { SeriesGaps } from '../backfill/query/gaps.ts'
import { parseStep } from '../time/duration.ts'
import { always, formatRange, type Range, requireInstants } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { type Context, print, say } from './context.ts'
import { choice, optional, text } from './flags.ts'
import { formatCount, plural } from './format.ts'
import { openStore } from './open-store.ts'
import { parseTimes, type TimeFlags, timeFlags } from './time-flags.ts'

type Flags = TimeFlags & {
  readonly every?: number
  readonly series?: string
  readonly output: 'text' | 'json'
}

export const gapsCommand = defineCommand<Flags, [store: string]>({
  flags: {
    every: optional({
      ...text('Time between two points (default: what is usual in each series)', 'duration'),
      parse: parseStep,
    }),
    series: optional(text('Series whose text matches a glob of * and ?', 'glob')),
    ...timeFlags,
    output: choice('output', ['text', 'json'], 'Form of the answer'),
  },
  positional: {
    kind: 'tuple',
    parameters: [{ parse: String, brief: 'A lake, a metrics file, or the URL of a store', placeholder: 'store' }],
  },
  async run(context, flags, path) {
    const { findGaps } = await import('../backfill/query/gaps.ts')
    const source = await openStore(context, path)
    const range = await parseRange(flags, context)
    const { every, series: glob } = flags
    const found = await findGaps(source, { query: { glob }, every, range, signal: context.signal })
    const all = found.map((gap) => ({ ...gap, holes: gap.holes.filter(isBounded) }))
    const gaps = all.filter(({ holes }) => holes.length > 0)
    print(context, flags.output === 'json' ? JSON.stringify(gaps) : formatGaps(gaps, all.length))
    if (all.length === 0) {
      say(context, `no points in ${path} for these series and times`)
      return ExitCode.nothing
    }
    return gaps.length > 0 ? ExitCode.incomplete : ExitCode.ok
  },
})

/** Absent where no time is given: then nothing is due before the first point of a series, or after its last. */
async function parseRange(flags: TimeFlags, context: Context): Promise<Range | undefined> {
  const { start, end } = await parseTimes(flags, context)
  if (start === undefined && end === undefined) return undefined
  return requireInstants({ start: start ?? always.start, end: end ?? always.end })
}

/** Nor is anything due on the side of a range whose time is not given. */
const isBounded = ({ start, end }: Range): boolean => start > always.start && end < always.end

function formatGaps(gaps: readonly SeriesGaps[], series: number): string {
  const lines = gaps.flatMap((gap) => [
    `${gap.series}  (${plural(gap.points, 'point')}, one every ${gap.every / 1_000} s)`,
    ...gap.holes.map((hole) => `  ${formatRange(hole)}`),
  ])
  return [...lines, `${formatCount(gaps.length)} of ${plural(series, 'series', 'series')} have holes`].join('\n')
}
