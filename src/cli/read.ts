import { type Range, requireInstants } from '../time/range.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { type Context, printPieces, say } from './context.ts'
import { choice, text } from './flags.ts'
import { parseTimes, type TimeFlags, timeFlags } from './values.ts'

type Flags = TimeFlags & {
  readonly granularity: string
  readonly series?: string
  readonly output: 'table' | 'csv' | 'ndjson'
}

export const readCommand = defineCommand<Flags, [lake: string]>({
  brief: 'Prints rows of a lake',
  flags: {
    granularity: { ...text('Level to read', 'level'), default: '5m' },
    series: { ...text('Series whose text matches a glob of * and ?', 'glob'), optional: true },
    ...timeFlags,
    output: choice('output', ['table', 'csv', 'ndjson'], 'Form of the rows'),
  },
  positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Directory of the lake', placeholder: 'lake' }] },
  async run(context, flags, lake) {
    const [{ parseGranularity, full }, { requireLake }, { queryLake }, { nodeFiles }, { rowFormatter }] =
      await Promise.all([
        import('../time/granularity.ts'),
        import('../store/lake/layout.ts'),
        import('../store/lake/query.ts'),
        import('../util/files.ts'),
        import('./rows.ts'),
      ])
    await requireLake(nodeFiles, lake)
    const granularity = parseGranularity(flags.granularity)
    if (granularity === full) throw usageError('invalid --granularity: this lake holds rollups, got full')
    const range = await parseRange(flags, context)
    const format = rowFormatter(flags.output)
    let rows = 0
    const query = { granularity, glob: flags.series }
    for await (const batch of queryLake(lake, { query, range }, { signal: context.signal })) {
      rows += batch.length
      await printPieces(context, [format(batch)])
    }
    if (rows > 0) return ExitCode.ok
    say(context, `no rows of ${granularity.name} in ${lake} for these series and times`)
    return ExitCode.nothing
  },
})

async function parseRange(flags: TimeFlags, context: Context): Promise<Range> {
  const { start = -lastInstant, end = lastInstant } = await parseTimes(flags, context)
  return requireInstants({ start, end })
}

/** The last instant that a Date can hold; the first is as far before the epoch. */
const lastInstant = 8.64e15
